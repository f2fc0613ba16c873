//! A receiver of webhooks on this machine that answers as a test wants, down to the bytes.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

/// How it answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// With these bytes.
    Bytes(String),
    /// It keeps the connection and says nothing.
    Never,
    /// It closes the connection without an answer.
    Close,
}

impl Reply {
    /// An answer with a status, further headers and a body.
    pub fn status(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Bytes(format!(
            "HTTP/1.1 {status} So\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        ))
    }

    /// An answer that breaks off.
    pub fn half() -> Self {
        Self::Bytes("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of".into())
    }
}

/// What arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// By lower-case name.
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Received {
    /// The header `webhook-id`.
    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// The body.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Shared {
    received: Mutex<Vec<Received>>,
    reply: Mutex<Option<Reply>>,
    arrived: Notify,
}

/// The receiver; it is gone when dropped.
pub struct Receiver {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// One that answers 204 until told otherwise.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let serving = shared.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, serving.clone()));
            }
        });
        Self {
            address,
            shared,
            task,
        }
    }

    /// The URL of a hook.
    pub fn url(&self) -> String {
        format!("http://{}/hook?of=test", self.address)
    }

    /// From now on it answers so.
    pub fn reply(&self, reply: Reply) {
        *self.shared.reply.lock().unwrap() = Some(reply);
    }

    /// What arrived so far.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// Waits until so many requests have arrived in all.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let arrival = async {
            loop {
                let arrived = self.shared.arrived.notified();
                if self.received().len() >= count {
                    return self.received();
                }
                arrived.await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(20), arrival).await;
        waited.unwrap_or_else(|_| panic!("{count} did not arrive: {:?}", self.received()))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let Some(received) = read(&mut stream).await else {
        return;
    };
    // Before the request counts: who waits for it may then set the reply to the next one.
    let reply = shared.reply.lock().unwrap().clone();
    shared.received.lock().unwrap().push(received);
    shared.arrived.notify_waiters();
    match reply.unwrap_or_else(|| Reply::status(204, "", "")) {
        Reply::Bytes(bytes) => {
            stream.write_all(bytes.as_bytes()).await.ok();
        }
        Reply::Never => tokio::time::sleep(Duration::from_secs(60)).await,
        Reply::Close => {}
    }
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lines = head
                .split("\r\n")
                .skip(1)
                .filter_map(|line| line.split_once(": "));
            let headers: HashMap<String, String> = lines
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            let length = headers.get("content-length")?.parse::<usize>().ok()?;
            if body.len() >= length {
                let body = body.to_owned();
                return Some(Received { headers, body });
            }
        }
        let mut part = [0; 4096];
        match stream.read(&mut part).await.ok()? {
            0 => return None,
            read => bytes.extend_from_slice(&part[..read]),
        }
    }
}
