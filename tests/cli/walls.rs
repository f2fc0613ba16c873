//! What the program says about the second wall between teams.

use crate::{program::Program, support::TestDatabase};

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_row_level_security_does_not_bind_is_warned_of() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let program = Program::new();
    // The tests' own role is above its databases' owners, unless it cannot make roles.
    for (url, warned) in [
        (database.url.clone(), database.url == database.admin_url()),
        (database.admin_url(), true),
    ] {
        let listed = program
            .command(&["team", "list", "--database-url", &url])
            .output();
        let listed = listed.unwrap();
        let told = String::from_utf8_lossy(&listed.stderr).into_owned();
        assert!(listed.status.success(), "{told}");
        assert_eq!(told.contains("row-level security"), warned, "{told}");
    }
}
