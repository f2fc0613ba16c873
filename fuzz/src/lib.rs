//! What several targets need.

use std::{future::Future, io, mem, ptr, sync::LazyLock};

use tokio::runtime::{Builder, Runtime};

/// The stack of the threads that answer requests.
const STACK: libc::rlim_t = 2 << 20;
/// The stack on which the fuzzer notes that the other one is full.
const ALTERNATE_STACK: usize = 1 << 20;

/// Leaves this thread the stack that a request has, and lets the fuzzer keep what overflows it. For `init`.
pub fn limit_stack() {
    let alternate = Box::leak(vec![0_u8; ALTERNATE_STACK].into_boxed_slice());
    let alternate = libc::stack_t {
        ss_sp: alternate.as_mut_ptr().cast(),
        ss_flags: 0,
        ss_size: ALTERNATE_STACK,
    };
    let limit = libc::rlimit {
        rlim_cur: STACK,
        rlim_max: libc::RLIM_INFINITY,
    };
    // SAFETY: the pointers are to live values, the alternate stack is never freed, and all zeros is a `sigaction`.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = libc::SIG_DFL;
        // The fuzzer, which puts its handler in later, keeps this flag.
        action.sa_flags = libc::SA_ONSTACK;
        let done = libc::setrlimit(libc::RLIMIT_STACK, &limit) == 0
            && libc::sigaltstack(&alternate, ptr::null_mut()) == 0
            && libc::sigaction(libc::SIGSEGV, &action, ptr::null_mut()) == 0;
        assert!(
            done,
            "the stack is not limited: {}",
            io::Error::last_os_error()
        );
    }
}

/// Runs a future on this thread.
pub fn block_on<F: Future>(future: F) -> F::Output {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        let runtime = Builder::new_current_thread().build();
        runtime.expect("a runtime without drivers starts")
    });
    RUNTIME.block_on(future)
}
