//! What programs tried to write and what they were told was written, noted in a file before and after each call; and the
//! judgement over what is found afterwards.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    fs::{self, File},
    io::Write,
    path::PathBuf,
    sync::Mutex,
};

use tempfile::TempDir;

/// The rows of each call: found are all of them or none.
pub const ROWS: usize = 2;

/// The file.
pub struct Ledger {
    path: PathBuf,
    file: Mutex<File>,
    _folder: TempDir,
}

/// The judgement.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Calls that were sent.
    pub attempted: usize,
    /// Calls whose success was answered.
    pub acknowledged: usize,
    /// Calls whose rows are there.
    pub found: usize,
    /// Acknowledged calls whose rows are not all there.
    pub lost: usize,
    /// Rows that nobody sent.
    pub phantom: usize,
    /// Calls of which a part is there.
    pub torn: usize,
    /// Rows that are there twice.
    pub twice: usize,
}

impl Ledger {
    /// An empty file.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger");
        Self {
            file: Mutex::new(File::create(&path).unwrap()),
            path,
            _folder: folder,
        }
    }

    /// Notes a call that is about to be sent.
    pub fn attempt(&self, key: &str) {
        writeln!(self.file.lock().unwrap(), "attempt {key}").unwrap();
    }

    /// Notes a call whose success was answered.
    pub fn acknowledged(&self, key: &str) {
        writeln!(self.file.lock().unwrap(), "ack {key}").unwrap();
    }

    /// The ids of a call's rows.
    pub fn rows_of(key: &str) -> [String; ROWS] {
        [format!("{key}.a"), format!("{key}.b")]
    }

    /// Judges the ids of all rows that were found.
    pub fn judge(&self, found: &[String]) -> Verdict {
        let text = fs::read_to_string(&self.path).unwrap();
        let of = |what: &str| -> BTreeSet<&str> {
            text.lines()
                .filter_map(|line| line.strip_prefix(what))
                .collect()
        };
        let (attempted, acknowledged) = (of("attempt "), of("ack "));
        let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
        for id in found {
            *rows.entry(id).or_default() += 1;
        }
        let there = |key: &&&str| {
            let ids = Self::rows_of(key);
            ids.iter()
                .filter(|id| rows.contains_key(id.as_str()))
                .count()
        };
        let known: BTreeSet<String> = attempted
            .iter()
            .flat_map(|key| Self::rows_of(key))
            .collect();
        Verdict {
            attempted: attempted.len(),
            acknowledged: acknowledged.len(),
            found: attempted.iter().filter(|key| there(key) == ROWS).count(),
            lost: acknowledged.iter().filter(|key| there(key) < ROWS).count(),
            phantom: rows.keys().filter(|id| !known.contains(**id)).count(),
            torn: attempted
                .iter()
                .filter(|key| (1..ROWS).contains(&there(key)))
                .count(),
            twice: rows.values().filter(|count| **count > 1).count(),
        }
    }
}

impl Verdict {
    /// Fails unless nothing is lost, made up, torn or doubled.
    #[track_caller]
    pub fn assert_whole(&self) {
        assert!(self.acknowledged > 0, "{self}");
        let bad = (self.lost, self.phantom, self.torn, self.twice);
        assert_eq!(bad, (0, 0, 0, 0), "{self}");
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            attempted,
            acknowledged,
            found,
            lost,
            phantom,
            torn,
            twice,
        } = self;
        write!(
            f,
            "attempted {attempted}, acknowledged {acknowledged}, found {found}: lost {lost}, phantom {phantom}, \
             torn {torn}, twice {twice}"
        )
    }
}

#[test]
fn what_is_lost_made_up_torn_or_doubled_is_seen() {
    let ledger = Ledger::new();
    for key in ["1", "2", "3", "4"] {
        ledger.attempt(key);
    }
    for key in ["1", "2", "3"] {
        ledger.acknowledged(key);
    }
    let found = ["1.a", "1.b", "2.a", "4.a", "4.b", "4.b", "9.a"].map(str::to_owned);
    let expected = Verdict {
        attempted: 4,
        acknowledged: 3,
        found: 2,
        lost: 2,
        phantom: 1,
        torn: 1,
        twice: 1,
    };
    assert_eq!(ledger.judge(&found), expected);
}
