//! A guard for the development key: GraphiQL hands out a token there, so only pages of this machine may ask.

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header::HOST},
    middleware::Next,
};

/// Refuses requests whose `Host` is not this machine. A web site can make its own name point to 127.0.0.1, and its
/// pages would then be of the same origin as the service; they cannot change the name that they ask for.
pub async fn of_this_machine(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    if host.is_some_and(is_local) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let answer = HttpResponse::build(StatusCode::MISDIRECTED_REQUEST)
        .body("on the development key only localhost, 127.0.0.1 and [::1] are answered\n");
    Ok(request.into_response(answer))
}

fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for host in [
            "localhost",
            "localhost:8080",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:8080",
        ] {
            assert!(is_local(host), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "",
            "127.0.0.1.evil.example",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }
}
