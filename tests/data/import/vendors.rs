//! Vendors' files: how they write, what is above and below their rows, what is recognised and what is refused.

use super::*;
use crate::support::{TestDatabase, on_both_databases};

const SPEND: &str =
    "SELECT day, impressions, clicks, spend, currency FROM ad_day ORDER BY day, spend";

fn profile(name: &str) -> ImportAsk {
    ImportAsk {
        layout: Some(name.parse().unwrap()),
        ..ImportAsk::recognised()
    }
}

async fn recognised(world: &World, text: &str) -> Result<Report, String> {
    let ask = ImportAsk::recognised();
    let read = world.read(&ask, text.as_bytes()).await;
    read.map_err(|error| error.to_string())
}

/// A German report of Google Ads, with a preamble, decimal commas and a total.
const GERMAN: &str = "Kampagnenbericht\n\"1.10.2023 - 2.10.2023\"\n\
    Tag;Kampagnenstatus;Kampagne;Währungscode;Impr.;Klicks;CTR;Kosten;Conversions\n\
    01.10.2023;Aktiv;Herbst;EUR;1.243;36;2,9 %;1.153,49 €;--\n\
    02.10.2023;Aktiv;Herbst;EUR;911;63;6,92 %;102,14 €;1,50\n\
    Gesamt: Konto;--;--;EUR;2.154;99;4,6 %;1.255,63 €;1,50\n";

on_both_databases! {
    async fn a_localised_report_is_recognised_and_read_with_its_decimal_comma(database: TestDatabase) {
        let world = World::new(database).await;
        let report = recognised(&world, GERMAN).await.unwrap();
        assert_eq!((report.read, report.written, report.passed_over), (2, 2, 1), "{report}");
        assert_eq!(
            world.rows(SPEND).await,
            ["2023-10-01|1243|36|1153490000|EUR", "2023-10-02|911|63|102140000|EUR"]
        );
        assert_eq!(world.one("SELECT source, spans FROM source_load").await, "google_ads|[]");
        let left = "SELECT COUNT(*) FROM ad_day WHERE properties LIKE '%ctr%'";
        assert_eq!(world.one(left).await, "0", "ratios are left out");
    }

    async fn a_number_that_could_be_two_is_refused_until_its_mark_is_named(database: TestDatabase) {
        let world = World::new(database).await;
        let text = "date\tcampaign_id\tspend\n2026-03-01\t7\t1,243\n";
        let refusal = world.refusal(Format::AdStats, text).await;
        assert_eq!(
            refusal,
            "line 2, column spend: '1,243' can be read with a decimal comma or with thousands separators: \
             say which by --decimal"
        );
        for (mark, spend) in [("comma", "1243000"), ("point", "1243000000")] {
            let ask = ImportAsk {
                decimal: clap::ValueEnum::from_str(mark, true).ok(),
                ..ImportAsk::new(Format::AdStats)
            };
            assert!(world.read(&ask, text.as_bytes()).await.unwrap().committed);
            assert_eq!(world.one("SELECT spend FROM ad_day").await, spend);
        }
    }

    async fn rows_that_write_numbers_unlike_the_others_are_refused(database: TestDatabase) {
        let world = World::new(database).await;
        let point = "date,campaign_id,spend\n2026-03-01,7,1.50\n2026-03-02,7,\"1,50\"\n";
        assert_eq!(
            world.refusal(Format::AdStats, point).await,
            "line 3, column spend: '1,50' is not a number: write it with a decimal point and without thousands separators"
        );
        let comma = "date;campaign_id;spend\n2026-03-01;7;1,50\n2026-03-02;7;2,50\n2026-03-03;7;1.50\n";
        assert_eq!(
            world.refusal(Format::AdStats, comma).await,
            "line 4, column spend: '1.50' is not a number: in this file numbers are written like 1.234,56"
        );
        let dollars = "date,campaign_id,spend\n2026-03-01,7,$1.50\n";
        assert_eq!(
            world.refusal(Format::AdStats, dollars).await,
            "line 2, column spend: '$1.50' has the sign '$'; allowed is EUR, the currency of the row"
        );
    }

    async fn the_currency_in_a_columns_name_is_that_of_its_amounts(database: TestDatabase) {
        let world = World::new(database).await;
        let text = "Campaign name,Day,Impressions,Amount spent (USD),Results\nSpring,2026-03-01,10,$2.50,\n";
        let report = recognised(&world, text).await.unwrap();
        assert_eq!(report.preview.unwrap().layout.to_string(), "meta-ads");
        assert_eq!(world.rows(SPEND).await, ["2026-03-01|10|0|2500000|USD"]);
    }

    async fn a_report_without_days_is_booked_on_the_last_and_its_span_is_noted(database: TestDatabase) {
        let world = World::new(database).await;
        let report = |above: &str| format!(
            "Campaign report\n{above}\nCampaign state,Campaign,Currency code,Impr.,Clicks,Cost\nEnabled,Spring,EUR,5,2,1.25\n"
        );
        let spans = "SELECT spans FROM source_load";
        let error = recognised(&world, &report("All time")).await.unwrap_err();
        assert!(error.starts_with("line 3: the rows of Google Ads, campaign report have no day"), "{error}");
        let said = report("\"October 1, 2023 - October 31, 2023\"");
        assert!(recognised(&world, &said).await.unwrap().committed);
        assert_eq!(world.rows(SPEND).await, ["2023-10-31|5|2|1250000|EUR"]);
        assert_eq!(world.one(spans).await, r#"[["2023-10-01","2023-10-31"]]"#);
        let named = ImportAsk {
            day: "2023-11-30".parse().ok(),
            from: "2023-11-01".parse().ok(),
            ..ImportAsk::recognised()
        };
        world.read(&named, report("All time").as_bytes()).await.unwrap();
        assert_eq!(
            world.one(spans).await,
            r#"[["2023-10-01","2023-10-31"],["2023-11-01","2023-11-30"]]"#
        );
        // Days one by one take the place of the spans that they fill.
        let days = "Day,Campaign state,Campaign,Impr.,Clicks,Cost\n\
            2023-10-01,Enabled,Spring,2,1,1\n2023-10-31,Enabled,Spring,3,1,0.25\n";
        assert!(recognised(&world, days).await.unwrap().committed);
        assert_eq!(world.one(spans).await, r#"[["2023-11-01","2023-11-30"]]"#);
        let backwards = ImportAsk { from: "2023-12-01".parse().ok(), ..named };
        let error = world.read(&backwards, &b""[..]).await.unwrap_err().to_string();
        assert!(error.contains("from") && error.contains("2023-12-01"), "{error}");
    }

    async fn what_is_not_known_is_refused_with_what_there_is_and_what_could_be(database: TestDatabase) {
        let world = World::new(database).await;
        let error = recognised(&world, "colour,size\nred,2\n").await.unwrap_err();
        assert!(error.contains("line 1 has colour, size; known are ad-stats"), "{error}");
        assert!(error.contains("meta-ads"), "{error}");
        let error = recognised(&world, "date,sent,followers\n2026-03-01,1,2\n").await.unwrap_err();
        assert!(error.contains("may be email-stats or social-stats"), "{error}");
        let error = world.read(&profile("meta-ads"), &b"Day,Cost\n"[..]).await.unwrap_err().to_string();
        assert!(error.contains("this is not Meta Ads Manager") && error.contains("the file has Day, Cost"), "{error}");
        assert!("meta".parse::<import::Layout>().unwrap_err().contains("meta-ads"));
        assert_eq!(world.one("SELECT COUNT(*) FROM source_load").await, "0");
    }

    async fn own_formats_are_recognised_by_their_own_names(database: TestDatabase) {
        let world = World::new(database).await;
        for (text, format) in [
            ("date,campaign_id,impressions,clicks\n2026-03-01,7,2,1\n", "ad-stats"),
            ("order_id,ordered_at,amount\n1,2026-03-01,2.50\n", "orders"),
            ("{\"lead_id\":\"1\",\"created_at\":\"2026-03-01\"}\n", "leads"),
        ] {
            let report = recognised(&world, text).await.unwrap();
            assert_eq!(report.preview.unwrap().layout.to_string(), format);
            assert_eq!(report.written, 1);
        }
    }

    async fn a_dry_run_tells_all_and_writes_nothing(database: TestDatabase) {
        let world = World::new(database).await;
        let ask = ImportAsk { dry_run: true, ..ImportAsk::recognised() };
        let report = world.read(&ask, GERMAN.as_bytes()).await.unwrap();
        assert_eq!((report.read, report.written, report.committed), (2, 2, false));
        let told = report.to_string();
        for part in [
            "layout google-ads, read as ad-stats, source google_ads",
            "values parted by semicolons in UTF-8",
            "numbers have a decimal comma",
            "  Tag -> date",
            "  always 'Google Ads' -> channel",
            "  CTR -> left out",
            "2 rows read: 2 written, 0 unchanged, 0 refused, 1 totals and remarks passed over",
            "This was a dry run: nothing was imported.",
        ] {
            assert!(told.contains(part), "{part} in {told}");
        }
        let bad = GERMAN.replace("911", "many");
        let report = world.read(&ask, bad.as_bytes()).await.unwrap();
        assert_eq!(report.refusals[0].to_string(), "line 5, column Impr.: 'many' is not a number");
        for table in ["ad_day", "source_load", "ad_day_staged"] {
            assert_eq!(world.one(&format!("SELECT COUNT(*) FROM {table}")).await, "0", "{table}");
        }
        assert_eq!(world.one("SELECT COUNT(*) FROM campaign WHERE id > 0").await, "0");
    }

    async fn every_other_profile_reads_a_row_of_its_vendor(database: TestDatabase) {
        let world = World::new(database).await;
        for (name, text) in [
            ("linkedin-ads", "Start Date (in UTC)\tCampaign Name\tCampaign ID\tCurrency\tTotal Spent\tImpressions\tClicks\n3/14/2026\tSpring\t9\tEUR\t12.50\t100\t3\n"),
            ("tiktok-ads", "Campaign name,By Day,Cost,Impressions,Clicks (destination),CPC (destination),Currency\nSpring,2026-03-14,5.00,10,1,5.00,EUR\nTotal of 1 results,-,5.00,10,1,5.00,EUR\n"),
            ("microsoft-ads", "\"Report Name: Campaign\"\n\"Report Time: 3/1/2026,3/31/2026\"\n\nGregorian date,Campaign,Impressions,Clicks,Spend\n3/14/2026,Spring,10,1,5.00\n©2026 Microsoft Corporation. All rights reserved.\n"),
            ("mailchimp", "Title,Subject,List,Send Date,Send Weekday,Total Recipients,Successful Deliveries,Total Bounces,Unique Opens,Open Rate,Unique Clicks,Unsubscribes,Abuse Complaints,Unique Id\nNews,Hello,All,\"Mar 14, 2026 09:30 am\",Saturday,100,98,2,40,40.82%,9,1,0,abc1\n"),
            ("activecampaign", "Campaign,Send Date,Sends,Unique Opens,Open Rate,Unique Link Clicks,Unsubscribes,Bounces\nNews,2026-03-14 09:30,100,40,40.00%,9,1,2\n"),
            ("salesforce-leads", "Lead ID,First Name,Last Name,Company / Account,Email,Lead Source,Lead Status,Created Date\n00Q1,Ada,Lovelace,Engines,ada@example.test,Web,Working - Contacted,3/14/2026\n"),
            ("call-tracking", "Call ID,Start Time,Caller Number,Duration,Source,Qualified\nc1,2026-03-14 09:30,+390612345678,65,Google Ads,yes\n"),
            ("mailchimp-audience", "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,CC,LEID,EUID\ngrace@example.test,Grace,Hopper,2,2026-03-14 09:30:00,IT,17,e1\n"),
        ] {
            for ask in [profile(name), ImportAsk::recognised()] {
                let report = world.read(&ask, text.as_bytes()).await;
                let report = report.unwrap_or_else(|error| panic!("{name}: {error}"));
                assert!(report.committed, "{name}: {report}");
                assert_eq!(report.read, 1, "{name}: {report}");
                assert_eq!(report.preview.unwrap().layout.to_string(), name);
            }
        }
        assert_eq!(
            world.rows("SELECT source, day, spend FROM ad_day ORDER BY source").await,
            ["linkedin_ads|2026-03-14|12500000", "microsoft_ads|2026-03-14|5000000", "tiktok_ads|2026-03-14|5000000"]
        );
        assert_eq!(
            world.rows("SELECT source, day, sent, unique_opens FROM email_day ORDER BY source").await,
            ["activecampaign|2026-03-14|100|40", "mailchimp|2026-03-14|100|40"]
        );
        assert_eq!(world.one("SELECT COUNT(*) FROM conversion").await, "1");
        assert_eq!(world.one("SELECT name FROM customer WHERE lifecycle = 'SAL'").await, "Ada Lovelace");
    }
}
