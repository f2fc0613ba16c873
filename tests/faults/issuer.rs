//! An issuer of tokens that publishes its keys, and signs with whichever it is told to.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::instance::Shared;

/// Keys of this test alone: private ones, and the `x` of the public ones.
const KEYS: [(&str, &str); 2] = [
    (
        "MC4CAQAwBQYDK2VwBCIEIDtBulXHCHCMke+BIOoIi8CAFxnpFyI/kQmW+/IZngbM",
        "x40QawsVsFlb1qjLaxRSe4t7FlFFpqxGhqjV7hkY7cM",
    ),
    (
        "MC4CAQAwBQYDK2VwBCIEIEpMcjSWef+XNrDxQMDSjPdhTMj21qCgHDklyDBJEceu",
        "sIMa84hQiv5rEF8Tds381yA4RwVBKN7Cb7-1lzf88cU",
    ),
];
const NAME: &str = "https://issuer.example";

/// The issuer.
pub struct Issuer {
    address: SocketAddr,
    published: Shared<Vec<usize>>,
    read: Arc<AtomicU64>,
}

impl Issuer {
    /// It publishes its first key.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = Self {
            address: listener.local_addr().unwrap(),
            published: Shared::new(vec![0].into()),
            read: Arc::default(),
        };
        let (published, read) = (issuer.published.clone(), issuer.read.clone());
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut asked = [0; 4096];
                // Whatever was asked, keys are the answer.
                _ = client.read(&mut asked).await;
                read.fetch_add(1, Ordering::SeqCst);
                let key = |number: &usize| {
                    json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
                        "kid": format!("key{number}"), "x": KEYS[*number].1 })
                };
                let keys: Vec<Value> = published.lock().unwrap().iter().map(key).collect();
                let body = json!({ "keys": keys }).to_string();
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                client.write_all((head + &body).as_bytes()).await.ok();
            }
        });
        issuer
    }

    /// Publishes these keys from now on.
    pub fn publish(&self, keys: &[usize]) {
        *self.published.lock().unwrap() = keys.to_vec();
    }

    /// How often its keys were read.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::SeqCst)
    }

    /// The setting `auth.issuers` that trusts it.
    pub fn setting(&self) -> String {
        json!([{ "issuer": NAME, "audience": "kpigraph", "algorithms": ["EdDSA"],
            "jwks_url": format!("http://{}/keys", self.address) }])
        .to_string()
    }

    /// A token of a team's owner, signed with a key under its name or another one.
    pub fn token(&self, team: &str, key: usize, name: &str) -> String {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = now.unwrap().as_secs();
        let claims = json!({ "iss": NAME, "aud": "kpigraph", "sub": "tester", "team": team, "role": "OWNER",
            "exp": now + 3600, "iat": now });
        let header = Header {
            kid: Some(name.to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            KEYS[key].0
        );
        let key = EncodingKey::from_ed_pem(pem.as_bytes()).unwrap();
        encode(&header, &claims, &key).unwrap()
    }
}
