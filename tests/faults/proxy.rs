//! A way between two programs that can be blocked: what is sent is held back, or lost, or everything is cut.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
};

/// Where the way leads.
#[derive(Clone)]
pub enum Target {
    /// A server of this machine.
    Tcp(SocketAddr),
    /// PostgreSQL's socket.
    Unix(PathBuf),
}

/// What happens on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Everything passes.
    Open,
    /// Connections are taken and stay open, but nothing passes in any direction until the way is open again.
    Held,
    /// What is asked passes; instead of the first answer the connection ends.
    AnswersLost,
}

/// The way, closed with this value.
pub struct Proxy {
    /// Where it begins.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    target: Target,
    way: watch::Sender<Way>,
    /// Everything that is open ends when this changes.
    cut: watch::Sender<u64>,
    /// How often something was sent to the target.
    sent: AtomicU64,
    /// After so many times the way is held.
    hold_after: AtomicU64,
}

impl Proxy {
    /// An open way.
    pub async fn to(target: Target) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            target,
            way: watch::Sender::new(Way::Open),
            cut: watch::Sender::new(0),
            sent: AtomicU64::new(0),
            hold_after: AtomicU64::new(u64::MAX),
        });
        let taking = shared.clone();
        tokio::spawn(async move {
            let mut cut = taking.cut.subscribe();
            loop {
                tokio::select! {
                    taken = listener.accept() => match taken {
                        Ok((client, _)) => drop(tokio::spawn(serve(client, taking.clone()))),
                        Err(_) => return,
                    },
                    changed = cut.wait_for(|cut| *cut == u64::MAX) => {
                        drop(changed);
                        return;
                    }
                }
            }
        });
        Self { address, shared }
    }

    /// Blocks the way, or opens it.
    pub fn set(&self, way: Way) {
        self.shared.way.send_replace(way);
    }

    /// Ends all connections.
    pub fn cut(&self) {
        self.shared.cut.send_modify(|cut| *cut += 1);
    }

    /// How often something was sent to the target.
    pub fn sent(&self) -> u64 {
        self.shared.sent.load(Ordering::SeqCst)
    }

    /// Holds the way after something was sent so many times more.
    pub fn hold_after(&self, times: u64) {
        self.shared
            .hold_after
            .store(self.sent() + times, Ordering::SeqCst);
    }

    /// Waits until the way is held.
    pub async fn until_held(&self) {
        let mut way = self.shared.way.subscribe();
        way.wait_for(|way| *way == Way::Held).await.unwrap();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.cut.send_replace(u64::MAX);
    }
}

async fn serve(client: TcpStream, shared: Arc<Shared>) {
    client.set_nodelay(true).ok();
    let mut cut = shared.cut.subscribe();
    cut.mark_unchanged();
    let passing = async {
        match &shared.target {
            Target::Tcp(address) => match TcpStream::connect(address).await {
                Ok(server) => pass(client, server, &shared).await,
                Err(_) => drop(client),
            },
            Target::Unix(path) => match UnixStream::connect(path).await {
                Ok(server) => pass(client, server, &shared).await,
                Err(_) => drop(client),
            },
        }
    };
    tokio::select! {
        () = passing => {}
        _ = cut.changed() => {}
    }
}

async fn pass<C, S>(client: C, server: S, shared: &Shared)
where
    C: AsyncRead + AsyncWrite,
    S: AsyncRead + AsyncWrite,
{
    let (from_client, to_client) = tokio::io::split(client);
    let (from_server, to_server) = tokio::io::split(server);
    tokio::select! {
        () = pump(from_client, to_server, shared, true) => {}
        () = pump(from_server, to_client, shared, false) => {}
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: &Shared,
    asking: bool,
) {
    let mut way = shared.way.subscribe();
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let Ok(read) = from.read(&mut bytes).await else {
            return;
        };
        if read == 0 {
            return;
        }
        if asking {
            let sent = shared.sent.fetch_add(1, Ordering::SeqCst) + 1;
            if sent >= shared.hold_after.load(Ordering::SeqCst) {
                shared.way.send_replace(Way::Held);
            }
        }
        if way.wait_for(|way| *way != Way::Held).await.is_err() {
            return;
        }
        if !asking && *shared.way.borrow() == Way::AnswersLost {
            return;
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
