//! Which pages may open a WebSocket. Browsers let every page open one to everywhere, so the service looks itself.

use actix_web::{
    HttpRequest,
    http::header::{HOST, ORIGIN},
};

use crate::config::Origins;

/// Whether the page that asks is of this host, or of an origin that may ask; programs other than browsers name no page. The scheme is left out: behind
/// a proxy that ends TLS the service does not know its own.
pub fn is_allowed(request: &HttpRequest, origins: &Origins) -> bool {
    let header = |name| request.headers().get(name).map(|value| value.to_str().ok());
    match (header(ORIGIN), header(HOST)) {
        (None, _) => true,
        (Some(Some(origin)), _) if origins.has(origin) => true,
        (Some(Some(origin)), Some(Some(host))) => origin
            .split_once("://")
            .is_some_and(|(_, page)| page.eq_ignore_ascii_case(host)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_pages_of_the_same_host_and_of_allowed_origins_and_programs_are_allowed() {
        let origins: Origins = "https://app.example".parse().unwrap();
        let asked = |origin: Option<&str>| {
            let mut request = TestRequest::default().insert_header((HOST, "kpi.example:8080"));
            if let Some(origin) = origin {
                request = request.insert_header((ORIGIN, origin));
            }
            is_allowed(&request.to_http_request(), &origins)
        };
        assert!(asked(None));
        assert!(asked(Some("https://kpi.example:8080")));
        assert!(asked(Some("http://KPI.example:8080")));
        assert!(asked(Some("https://app.example")));
        for other in [
            "https://kpi.example",
            "https://evil.example",
            "http://app.example",
            "null",
            "",
        ] {
            assert!(!asked(Some(other)), "{other}");
        }
    }
}
