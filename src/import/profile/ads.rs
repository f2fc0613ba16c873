//! Reports of advertising platforms.

use super::{Profile, Take, always, take};
use crate::import::Format;

const DAY: &[&str] = &["day", "date", "tag", "jour", "día", "giorno", "dag", "data"];
const CAMPAIGN: &[&str] = &[
    "campaign", "kampagne", "campagne", "campaña", "campagna", "campanha",
];
const IMPRESSIONS: &[&str] = &[
    "impr",
    "impressions",
    "impressionen",
    "impresiones",
    "impressioni",
    "impressões",
];
const CLICKS: &[&str] = &["clicks", "klicks", "clics", "clic", "cliques"];
const COST: &[&str] = &["cost", "kosten", "coût", "coste", "costo", "custo"];
const CURRENCY: &[&str] = &[
    "currency_code",
    "currency",
    "währungscode",
    "währung",
    "code_de_devise",
    "código_de_moneda",
    "codice_valuta",
];

pub(super) const ALL: &[Profile] = &[
    Profile {
        name: "google-ads",
        title: "Google Ads, campaign report",
        format: Format::AdStats,
        source: "google_ads",
        signs: &[CAMPAIGN, &["impr"], CLICKS, COST],
        columns: &[
            take("date", DAY),
            always("channel", "Google Ads"),
            take(
                "campaign_id",
                &[
                    "campaign_id",
                    "kampagnen_id",
                    "id_de_campagne",
                    "id_campagna",
                ],
            ),
            take("campaign_name", CAMPAIGN),
            take("impressions", IMPRESSIONS),
            take("clicks", CLICKS),
            take("spend", COST),
            take(
                "conversions",
                &["conversions", "conversiones", "conversioni"],
            ),
            take(
                "conversion_value",
                &["conv_value", "conversion_value", "conv_wert"],
            ),
            take("currency", CURRENCY),
            take("device", &["device", "gerät", "appareil", "dispositivo"]),
            take("country", &["country", "country_territory"]),
            take("video_views", &["views", "video_views", "trueview_views"]),
            take(
                "campaign_type",
                &["campaign_type", "kampagnentyp", "type_de_campagne"],
            ),
            take(
                "ad_group",
                &["ad_group", "anzeigengruppe", "groupe_d_annonces"],
            ),
            take("network", &["network", "network_with_search_partners"]),
        ],
        span: None,
    },
    Profile {
        name: "meta-ads",
        title: "Meta Ads Manager, exported table",
        format: Format::AdStats,
        source: "meta_ads",
        signs: &[
            &[
                "campaign_name",
                "kampagnenname",
                "nom_de_la_campagne",
                "nombre_de_la_campaña",
                "nome_della_campagna",
            ],
            &[
                "amount_spent",
                "ausgegebener_betrag",
                "montant_dépensé",
                "importe_gastado",
                "importo_speso",
            ],
            &[
                "reporting_starts",
                "berichtsstart",
                "début_des_rapports",
                "inicio_del_informe",
                "inizio_report",
                "day",
                "tag",
                "jour",
            ],
        ],
        columns: &[
            take("date", &["day", "tag", "jour", "día", "giorno"]),
            always("channel", "Meta Ads"),
            take("campaign_id", &["campaign_id", "kampagnen_id"]),
            take(
                "campaign_name",
                &[
                    "campaign_name",
                    "kampagnenname",
                    "nom_de_la_campagne",
                    "nombre_de_la_campaña",
                    "nome_della_campagna",
                ],
            ),
            take("impressions", IMPRESSIONS),
            take(
                "clicks",
                &[
                    "clicks_all",
                    "klicks_alle",
                    "clics_tous",
                    "clics_todos",
                    "link_clicks",
                ],
            ),
            take(
                "spend",
                &[
                    "amount_spent",
                    "ausgegebener_betrag",
                    "montant_dépensé",
                    "importe_gastado",
                    "importo_speso",
                ],
            ),
            take(
                "conversions",
                &[
                    "results",
                    "ergebnisse",
                    "résultats",
                    "resultados",
                    "risultati",
                ],
            ),
            take(
                "conversion_value",
                &[
                    "purchases_conversion_value",
                    "results_value",
                    "website_purchases_conversion_value",
                ],
            ),
            take("currency", &["currency", "währung"]),
            take("country", &["country", "land", "pays"]),
            take("device", &["impression_device", "device_platform"]),
            take(
                "ad_set",
                &[
                    "ad_set_name",
                    "name_der_anzeigengruppe",
                    "nom_de_l_ensemble_de_publicités",
                ],
            ),
            take(
                "ad",
                &["ad_name", "name_der_werbeanzeige", "nom_de_la_publicité"],
            ),
            take("age", &["age", "alter", "âge", "edad"]),
            take("gender", &["gender", "geschlecht", "genre", "género"]),
            take("platform", &["platform", "publisher_platform"]),
            take("placement", &["placement"]),
            take("result", &["result_indicator", "result_type"]),
        ],
        span: Some([
            &[
                "reporting_starts",
                "berichtsstart",
                "début_des_rapports",
                "inicio_del_informe",
                "inizio_report",
            ],
            &[
                "reporting_ends",
                "berichtsende",
                "fin_des_rapports",
                "fin_del_informe",
                "fine_report",
            ],
        ]),
    },
    Profile {
        name: "linkedin-ads",
        title: "LinkedIn Campaign Manager, campaign performance report",
        format: Format::AdStats,
        source: "linkedin_ads",
        signs: &[&["start_date_in_utc"], &["total_spent"], &["campaign_name"]],
        columns: &[
            take("date", &["start_date_in_utc"]),
            always("channel", "LinkedIn Ads"),
            take("campaign_id", &["campaign_id"]),
            take("campaign_name", &["campaign_name"]),
            take("impressions", &["impressions"]),
            take("clicks", &["clicks"]),
            take("spend", &["total_spent"]),
            take("conversions", &["conversions"]),
            take("conversion_value", &["total_conversion_value"]),
            take("currency", &["currency"]),
            take("engagements", &["total_engagements"]),
            take("video_views", &["video_views"]),
            take("campaign_group", &["campaign_group_name"]),
            take("campaign_type", &["campaign_type"]),
        ],
        span: None,
    },
    Profile {
        name: "tiktok-ads",
        title: "TikTok Ads Manager, campaign report",
        format: Format::AdStats,
        source: "tiktok_ads",
        signs: &[
            &["campaign_name"],
            &["cost"],
            &[
                "cpc_destination",
                "ctr_destination",
                "clicks_destination",
                "video_views_at_25",
                "2_second_video_views",
            ],
        ],
        columns: &[
            take("date", &["by_day", "date", "stat_time_day"]),
            always("channel", "TikTok Ads"),
            take("campaign_id", &["campaign_id"]),
            take("campaign_name", &["campaign_name"]),
            take("impressions", &["impressions", "impression"]),
            take("clicks", &["clicks_destination", "clicks_all", "clicks"]),
            take("spend", &["cost"]),
            take("conversions", &["conversions"]),
            take("conversion_value", &["total_purchase_value"]),
            take("currency", &["currency"]),
            take("video_views", &["video_views"]),
            take("country", &["country_region"]),
            take("ad_group", &["ad_group_name"]),
            take("ad", &["ad_name"]),
        ],
        span: None,
    },
    Profile {
        name: "microsoft-ads",
        title: "Microsoft Advertising, campaign performance report",
        format: Format::AdStats,
        source: "microsoft_ads",
        signs: &[
            &["gregorian_date", "time_period"],
            &["campaign", "campaign_name"],
            &["spend"],
            &["impressions"],
        ],
        columns: MICROSOFT,
        span: None,
    },
];

const MICROSOFT: &[Take] = &[
    take("date", &["gregorian_date", "time_period"]),
    always("channel", "Microsoft Ads"),
    take("campaign_id", &["campaign_id"]),
    take("campaign_name", &["campaign", "campaign_name"]),
    take("impressions", &["impressions"]),
    take("clicks", &["clicks"]),
    take("spend", &["spend"]),
    take("conversions", &["conversions"]),
    take("conversion_value", &["revenue"]),
    take("currency", &["currency_code"]),
    take("device", &["device_type"]),
    take("network", &["network"]),
    take("ad_group", &["ad_group", "ad_group_name"]),
];
