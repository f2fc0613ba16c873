//! GraphiQL, the in-browser IDE: the page built from `web/` and embedded in the binary, under a strict
//! content security policy and without any remote address.

use std::borrow::Cow;

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CROSS_ORIGIN_OPENER_POLICY, ContentType,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::{Compress, DefaultHeaders};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;
use serde::Serialize;

/// Only this server, no inline script. Inline styles are allowed because the editor (Monaco) creates
/// `<style>` elements as it runs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self'; \
    connect-src 'self'; img-src 'self' data:; font-src 'self' data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const NO_CACHE: &str = "no-cache";
const NO_STORE: &str = "no-store";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Shown when the binary was built without `web/dist`.
const NOT_BUILT: &str = include_str!("../web/not-built.html");

/// The files of `web/dist`: compiled in for a release, read from the source tree in a debug build.
#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Dist;

/// What GraphiQL may use to call the API. Register it as `web::Data`.
///
/// Whoever can open the page can read the token: set one only where every visitor may act with it, as in a demo
/// on the developer's machine.
#[derive(Clone, Default)]
pub struct GraphiqlSession {
    /// Bearer token to put in the headers editor; `None` lets the visitor paste one.
    pub token: Option<String>,
}

#[derive(Serialize)]
struct SessionAnswer<'a> {
    token: Option<&'a str>,
}

/// Registers `/graphiql`, its assets and `/graphiql/session.json`; the page calls `/graphql` on the same origin.
///
/// The application must hold `web::Data<GraphiqlSession>`; otherwise `session.json` answers 500.
pub fn routes(cfg: &mut web::ServiceConfig) {
    let headers = DefaultHeaders::new()
        .add((CONTENT_SECURITY_POLICY, POLICY))
        .add((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((CROSS_ORIGIN_OPENER_POLICY, "same-origin"))
        .add((REFERRER_POLICY, "no-referrer"));
    cfg.service(
        web::scope("/graphiql")
            .wrap(Compress::default())
            .wrap(headers)
            .route("", web::get().to(index))
            .route("/", web::get().to(index))
            .route("/session.json", web::get().to(session))
            .route("/{file:.*}", web::get().to(file)),
    );
}

async fn index(request: HttpRequest) -> HttpResponse {
    page(content("index.html"), &request)
}

async fn session(session: web::Data<GraphiqlSession>) -> HttpResponse {
    let token = session.token.as_deref();
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, NO_STORE))
        .json(SessionAnswer { token })
}

async fn file(path: web::Path<String>) -> HttpResponse {
    asset(&path, content(&path))
}

fn content(path: &str) -> Option<web::Bytes> {
    Dist::get(path).map(|file| match file.data {
        Cow::Borrowed(embedded) => web::Bytes::from_static(embedded),
        Cow::Owned(read) => web::Bytes::from(read),
    })
}

fn page(built: Option<web::Bytes>, request: &HttpRequest) -> HttpResponse {
    let page = built.unwrap_or_else(|| {
        let connection = request.connection_info();
        let api = format!("{}://{}/graphql", connection.scheme(), connection.host());
        NOT_BUILT.replace("{api}", &escape(&api)).into()
    });
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CACHE_CONTROL, NO_CACHE))
        .body(page)
}

fn asset(path: &str, found: Option<web::Bytes>) -> HttpResponse {
    let Some(content) = found else {
        return HttpResponse::NotFound().finish();
    };
    // Vite puts a hash of the content into the name of everything below assets/.
    let caching = if path.starts_with("assets/") {
        IMMUTABLE
    } else {
        NO_CACHE
    };
    HttpResponse::Ok()
        .content_type(mime_guess::from_path(path).first_or_octet_stream())
        .insert_header((CACHE_CONTROL, caching))
        .body(content)
}

/// The host comes from the request, so it is not trusted in HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::body::to_bytes;
    use actix_web::dev::ServiceResponse;
    use actix_web::http::StatusCode;
    use actix_web::http::header::{HeaderMap, HeaderName};
    use actix_web::test::{TestRequest, call_service, init_service, read_body};

    use super::*;

    async fn get(path: &str, token: Option<&str>) -> ServiceResponse {
        let session = GraphiqlSession {
            token: token.map(str::to_owned),
        };
        let app = App::new()
            .app_data(web::Data::new(session))
            .configure(routes);
        let request = TestRequest::get().uri(path).to_request();
        call_service(&init_service(app).await, request)
            .await
            .map_into_boxed_body()
    }

    fn header(headers: &HeaderMap, name: HeaderName) -> &str {
        headers.get(name).unwrap().to_str().unwrap()
    }

    async fn text(response: HttpResponse) -> String {
        let body = to_bytes(response.into_body()).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[actix_web::test]
    async fn every_answer_carries_the_security_headers() {
        for path in ["", "/", "/session.json", "/assets/missing.js"] {
            let response = get(&format!("/graphiql{path}"), None).await;
            let headers = response.headers();
            assert_eq!(header(headers, CONTENT_SECURITY_POLICY), POLICY, "{path}");
            assert_eq!(header(headers, X_CONTENT_TYPE_OPTIONS), "nosniff", "{path}");
            assert_eq!(header(headers, REFERRER_POLICY), "no-referrer", "{path}");
        }
    }

    #[actix_web::test]
    async fn the_session_is_never_stored() {
        let response = get("/graphiql/session.json", Some("abc")).await;
        assert_eq!(header(response.headers(), CACHE_CONTROL), NO_STORE);
        assert_eq!(read_body(response).await, r#"{"token":"abc"}"#);

        let response = get("/graphiql/session.json", None).await;
        assert_eq!(read_body(response).await, r#"{"token":null}"#);
    }

    #[actix_web::test]
    async fn only_files_of_the_build_are_served() {
        for path in ["assets/missing.js", "../Cargo.toml", "%2e%2e/package.json"] {
            let response = get(&format!("/graphiql/{path}"), None).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[actix_web::test]
    async fn hashed_assets_are_cached_for_ever_and_the_page_is_not() {
        let content = Some(web::Bytes::from_static(b"x"));
        let response = asset("assets/index-1a2b.js", content.clone());
        assert_eq!(header(response.headers(), CACHE_CONTROL), IMMUTABLE);

        let request = TestRequest::default().to_http_request();
        let response = page(content, &request);
        assert_eq!(header(response.headers(), CACHE_CONTROL), NO_CACHE);
        assert_eq!(text(response).await, "x");
    }

    #[actix_web::test]
    async fn without_a_build_the_page_shows_the_api_and_trusts_no_host() {
        let request = TestRequest::default().insert_header(("host", "a<b>:8080"));
        let response = page(None, &request.to_http_request());
        assert_eq!(response.status(), StatusCode::OK);

        let html = text(response).await;
        assert!(html.contains("npm --prefix web ci"), "{html}");
        assert!(
            html.contains("curl http://a&lt;b&gt;:8080/graphql"),
            "{html}"
        );
    }
}
