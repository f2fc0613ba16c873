//! `email-stats`, `social-stats`, `conversions`, `surveys`, `content`, `people`, `figures`.

use super::*;
use crate::support::{TestDatabase, on_both_databases};

on_both_databases! {
    async fn daily_figures_add_up_and_replace_what_the_source_said_of_a_campaigns_day(database: TestDatabase) {
        let world = World::new(database).await;
        let mails = "date,campaign,channel,sent,delivered,opens,segment\n\
            2026-03-01,News,Newsletter,100,98,40,a\n2026-03-01,News,Newsletter,10,9,4,a\n\
            2026-03-01,News,Newsletter,50,50,20,b\n2026-03-02,News,Newsletter,7,7,1,a\n";
        assert_eq!(world.good(Format::EmailStats, mails).await, (3, 1));
        assert_eq!(world.good(Format::EmailStats, mails).await, (0, 4));
        let stored = "SELECT day, sent, delivered, unique_opens, properties FROM email_day ORDER BY day, properties";
        let first = r#"2026-03-01|110|107|44|{"segment":"a"}"#;
        let third = r#"2026-03-02|7|7|1|{"segment":"a"}"#;
        assert_eq!(world.rows(stored).await, [first, r#"2026-03-01|50|50|20|{"segment":"b"}"#, third]);
        // The first day anew, without its second breakdown: the second day stays.
        let less = "date,campaign,channel,sent,delivered,opens,segment\n2026-03-01,News,Newsletter,110,107,44,a\n";
        assert_eq!(world.good(Format::EmailStats, less).await, (0, 1));
        assert_eq!(world.rows(stored).await, [first, third]);
        let accounts = "day,network,follower_count,new_followers,likes\n2026-03-01,Instagram,1000,12,80\n";
        assert_eq!(world.good(Format::SocialStats, accounts).await, (1, 0));
        assert_eq!(
            world.one("SELECT followers, followers_gained, likes, shares, channel_id > 0 FROM social_day").await,
            "1000|12|80|0|1"
        );
        let refusal = world.refusal(Format::SocialStats, "date,likes\n2026-03-01,-1\n").await;
        assert!(refusal.contains("column likes: '-1' is negative"), "{refusal}");
    }

    async fn answers_and_posts_and_conversions_are_upserted_by_their_ids(database: TestDatabase) {
        let world = World::new(database).await;
        let head = "answer_id,survey,kind,customer_id,score,scale,answered_at\n";
        let answers = format!("{head}1,spring,nps,a,9,,2026-03-01\n2,spring,csat,,4,5,2026-03-01\n");
        assert_eq!(world.good(Format::Surveys, &answers).await, (2, 0));
        assert_eq!(world.good(Format::Surveys, &answers.replace(",9,", ",8,")).await, (1, 1));
        assert_eq!(
            world.rows("SELECT kind, score, scale_max, customer_id IS NULL FROM survey_response ORDER BY kind").await,
            ["CSAT|4|5|1", "NPS|8|10|0"]
        );
        for (row, reason) in [
            ("3,,nps,,11,,2026-03-01", "'11' is not between 0 and 10"),
            ("3,,csat,,0,5,2026-03-01", "'0' is not between 1 and 5"),
            ("3,,nps,,3,5,2026-03-01", "recommendations go to 10"),
            ("3,,mood,,3,,2026-03-01", "allowed are NPS, CSAT"),
        ] {
            let refusal = world.refusal(Format::Surveys, &format!("{head}{row}\n")).await;
            assert!(refusal.contains(reason), "{refusal}");
        }
        let posts = "post_id,title,type,date,channel\n1,Chairs,blog,2026-03-01,Blog\n";
        assert_eq!(world.good(Format::Content, posts).await, (1, 0));
        assert_eq!(world.good(Format::Content, posts).await, (0, 1));
        assert_eq!(world.one("SELECT title, kind, day, channel_id > 0 FROM content_item").await, "Chairs|blog|2026-03-01|1");
        let conversions = "conversion_id,customer_id,type,date,value,currency\n1,a,signup,2026-03-01 23:30,5,USD\n2,,,2026-03-02,,\n";
        assert_eq!(world.good(Format::Conversions, conversions).await, (2, 0));
        assert_eq!(world.good(Format::Conversions, conversions).await, (0, 2));
        assert_eq!(
            world.rows("SELECT kind, day, value, currency, customer_id IS NULL FROM conversion ORDER BY day").await,
            ["signup|2026-03-01|5000000|USD|0", "conversion|2026-03-02|null|EUR|1"]
        );
    }

    async fn people_are_kept_at_their_grain_and_never_added_up(database: TestDatabase) {
        let world = World::new(database).await;
        let head = "kind,from,to,campaign,people\n";
        let counts = format!("{head}reach,2026-03-01,2026-03-31,,900\nreach,2026-03-01,2026-03-31,Spring,700\nusers,2026-03-01,,,50\n");
        assert_eq!(world.good(Format::People, &counts).await, (3, 0));
        assert_eq!(world.good(Format::People, &counts).await, (0, 3));
        // March's reach anew: the campaign's is gone with it.
        let less = format!("{head}REACH,2026-03-01,2026-03-31,,950\n");
        assert_eq!(world.good(Format::People, &less).await, (1, 0));
        assert_eq!(
            world.rows("SELECT kind, from_day, to_day, people FROM people_count ORDER BY kind").await,
            ["REACH|2026-03-01|2026-03-31|950", "USERS|2026-03-01|2026-03-01|50"]
        );
        for (row, reason) in [
            ("reach,2026-03-02,2026-03-01,,1", "is before the first day"),
            ("views,2026-03-01,,,1", "allowed are REACH, USERS"),
            ("reach,2026-03-01,,,1\nreach,2026-03-01,,,2", "distinct people do not add up"),
        ] {
            let refusal = world.refusal(Format::People, &format!("{head}{row}\n")).await;
            assert!(refusal.contains(reason), "{refusal}");
        }
    }

    async fn figures_of_others_are_known_by_name(database: TestDatabase) {
        let world = World::new(database).await;
        let head = "figure,date,value,currency,page\n";
        let figures = format!("{head}brand_searches,2026-03-01,120,,\nmarket_sales,2026-03-31,5000.50,USD,\npage_revenue,2026-03-01,2,,/a\npage_revenue,2026-03-01,3,,/a\n");
        assert_eq!(world.good(Format::Figures, &figures).await, (3, 1));
        assert_eq!(world.good(Format::Figures, &figures).await, (0, 4));
        assert_eq!(
            world.rows("SELECT figure, value, currency, properties FROM outside_day ORDER BY figure").await,
            [
                "brand_searches|120000000|EUR|{}",
                "market_sales|5000500000|USD|{}",
                r#"page_revenue|5000000|EUR|{"page":"/a"}"#,
            ]
        );
        let refusal = world.refusal(Format::Figures, &format!("{head}rank,2026-03-01,1,,\n")).await;
        assert!(refusal.contains("allowed are awareness_asked"), "{refusal}");
    }
}
