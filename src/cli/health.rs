//! `healthcheck`.

use std::time::Duration;

use super::CommandResult;
use super::database::DatabaseFlags;

/// Whom to ask.
#[derive(clap::Args)]
pub struct HealthArgs {
    /// The service [default: the address of the setting listen]
    #[arg(long)]
    url: Option<String>,
    #[command(flatten)]
    database: DatabaseFlags,
}

/// Asks `/readyz`.
pub async fn run(args: HealthArgs) -> CommandResult {
    let url = match args.url {
        Some(url) => url,
        None => format!("http://{}", args.database.settings()?.listen),
    };
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(5))
        .no_proxy()
        .build()?;
    let answer = client
        .get(format!("{}/readyz", url.trim_end_matches('/')))
        .send()
        .await?;
    let status = answer.status();
    let text = answer.text().await?;
    if !status.is_success() {
        return Err(format!("{url} is not ready: {}", text.trim()).into());
    }
    println!("{}", text.trim());
    Ok(())
}
