//! The guard of JSON: it counts exactly what the reader makes, and what it lets pass the reader survives on the stack of
//! a request. The first two bytes are the most values that are taken.
#![no_main]

use std::{fmt, sync::LazyLock};

use async_graphql::Variables;
use kpigraph::{
    config::Settings,
    guard::{Bounds, check_json},
};
use kpigraph_fuzz::limit_stack;
use libfuzzer_sys::fuzz_target;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

static BOUNDS: LazyLock<Bounds> = LazyLock::new(|| Bounds::from(&Settings::default()));

fuzz_target!(init: limit_stack(), |input: &[u8]| {
    let [low, high, text @ ..] = input else {
        return;
    };
    let json_values = usize::from(u16::from_le_bytes([*low, *high]));
    let bounds = Bounds { json_values, ..*BOUNDS };
    let passes = check_json(text, &bounds).is_ok();
    if passes && let Ok(value) = serde_json::from_slice::<serde_json::Value>(text) {
        drop(Variables::from_json(value));
    }
    // What is not refused for its depth is read without fear.
    let deep = Bounds { json_values: usize::MAX, ..*BOUNDS };
    if check_json(text, &deep).is_err() {
        return;
    }
    if let Ok(shape) = serde_json::from_slice::<Shape>(text) {
        assert!(shape.depth <= Bounds::JSON_NESTING);
        assert_eq!(passes, shape.values <= json_values, "{} values", shape.values);
    }
});

/// How large a text is. An empty list or object counts as one with a value in it.
#[derive(Clone, Copy)]
struct Shape {
    depth: usize,
    values: usize,
}

impl Shape {
    const SINGLE: Self = Self {
        depth: 0,
        values: 1,
    };

    fn around(parts: impl Iterator<Item = Self>) -> Self {
        let all = parts.fold(
            Self {
                depth: 0,
                values: 0,
            },
            |all, part| Self {
                depth: all.depth.max(part.depth),
                values: all.values + part.values,
            },
        );
        Self {
            depth: all.depth + 1,
            values: all.values.max(1) + 1,
        }
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Measure;
        impl<'de> Visitor<'de> for Measure {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
                Ok(Shape::SINGLE)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
                Ok(Shape::SINGLE)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
                Ok(Shape::SINGLE)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
                Ok(Shape::SINGLE)
            }

            fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
                Ok(Shape::SINGLE)
            }

            fn visit_unit<E>(self) -> Result<Shape, E> {
                Ok(Shape::SINGLE)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
                let mut parts = Vec::new();
                while let Some(part) = list.next_element()? {
                    parts.push(part);
                }
                Ok(Shape::around(parts.into_iter()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
                let mut parts = Vec::new();
                while let Some((_, part)) = map.next_entry::<String, Shape>()? {
                    parts.push(part);
                }
                Ok(Shape::around(parts.into_iter()))
            }
        }
        deserializer.deserialize_any(Measure)
    }
}
