//! What processes do, what states and timers mean, and how runs end, in Korean.

use crate::abi::NotModelled;
use crate::explain::phrases::{Doing, Ending};
use crate::kernel::event::{TcpState, TimerKind, WaitFor};

/// What a process does.
pub(in crate::explain) fn doing(doing: Doing) -> &'static str {
    match doing {
        Doing::Running => "실행 중",
        Doing::Ready => "준비됨, 차례를 기다리는 중",
        Doing::InCall { .. } => "{call} 안에 있음",
        Doing::Asleep { .. } => "{call}에서 잠듦",
        Doing::Exited(_) => "종료됨, 상태 {n}",
        Doing::Killed(_) => "시그널 {n}{:으} 종료됨",
        Doing::Faulted => "오류로 멈춤",
    }
}

/// What a sleeping process waits for.
pub(in crate::explain) fn waits(on: WaitFor) -> &'static str {
    match on {
        WaitFor::Connection => "fd {fd}의 accept 큐에 연결이 들어올 때까지 잠듭니다",
        WaitFor::Handshake => "fd {fd}의 handshake가 성공하거나 실패할 때까지 잠듭니다",
        WaitFor::Data => "fd {fd}의 수신 큐에 데이터나 끝(FIN)이 올 때까지 잠듭니다",
        WaitFor::SendSpace => "fd {fd}의 송신 큐에 자리가 날 때까지 잠듭니다",
        WaitFor::PeerRoom => "fd {fd}에서 보낸 것이 충분히 읽힐 때까지 잠듭니다",
        WaitFor::AcceptRoom => "fd {fd}의 연결이 들어갈 자리가 날 때까지 잠듭니다",
        WaitFor::AnyOf => "디스크립터 하나가 준비되거나 시간이 다 될 때까지 잠듭니다",
        WaitFor::Pipe => "fd {fd}의 파이프에 데이터나 자리가 생길 때까지 잠듭니다",
        WaitFor::Child => "자식이 끝날 때까지 잠듭니다",
        WaitFor::Closing => "상대가 모두 확인하거나 SO_LINGER 시간이 다 될 때까지 잠듭니다",
        WaitFor::Time => "정해 둔 시간이 다 될 때까지 잠듭니다",
    }
}

/// How a run ended.
pub(in crate::explain) fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::AllEnded => "모든 프로그램이 끝났고, 더 일어날 일이 없습니다.",
        Ending::Stuck(_) => {
            "잠든 채 남은 프로그램: **{what}**. 깨워 줄 세그먼트도 타이머도 없어서 Sockscope가 SIGKILL처럼 여기서 실행을 끝냈습니다."
        }
        Ending::Fault(_) => {
            "**{what}**{:이} C에서 정의되지 않은 동작을 했거나 이 머신의 한계를 넘었습니다. 오류는 해당 줄에 표시됩니다."
        }
        Ending::NotModelled(_) => {
            "실행을 여기서 멈춥니다. {what}. 리눅스에는 있지만 시뮬레이션 커널에는 없는 기능이라, 지어내면 잘못된 내용을 가르치게 됩니다."
        }
    }
}

/// What is not modelled.
pub(in crate::explain) fn not_modelled(what: NotModelled) -> &'static str {
    match what {
        NotModelled::Call { .. } => "{what}()은 구현되어 있지 않습니다",
        NotModelled::Family { .. } => "주소 패밀리 {what:은} 구현되어 있지 않습니다",
        NotModelled::Type { .. } => "socket({what})은 구현되어 있지 않습니다",
        NotModelled::Option { .. } => "소켓 옵션 {what:은} 구현되어 있지 않습니다",
        NotModelled::MessageFlags { .. } => "메시지 플래그 {what:은} 구현되어 있지 않습니다",
        NotModelled::CallOnFile { .. } => {
            "소켓이 아닌 디스크립터에 대한 {what:은} 구현되어 있지 않습니다"
        }
        NotModelled::Unix { .. } => "구현되어 있지 않은 AF_UNIX 동작입니다({what})",
        NotModelled::Tcp { .. } => "구현되어 있지 않은 동작입니다({what})",
    }
}

/// What it means to be in a state.
pub(in crate::explain) fn state(state: TcpState) -> &'static str {
    match state {
        TcpState::Closed => "연결이 없는 상태입니다.",
        TcpState::Listen => "이 소켓으로는 데이터가 오가지 않고, 연결마다 소켓이 따로 생깁니다.",
        TcpState::SynSent => "보낸 SYN에 대한 답을 기다립니다.",
        TcpState::SynReceived => "handshake의 마지막 ACK만 남았습니다.",
        TcpState::Established => "연결되었습니다. 양방향으로 데이터를 주고받을 수 있습니다.",
        TcpState::FinWait1 => "마지막 데이터 뒤에 FIN이 나가고, 아직 확인응답되지 않았습니다.",
        TcpState::FinWait2 => "자기 방향은 닫혔고, 상대의 FIN을 기다립니다.",
        TcpState::CloseWait => {
            "**이 프로그램**이 자기 쪽을 닫을 때까지 이 상태에 머뭅니다. close()를 잊으면 계속 남습니다."
        }
        TcpState::Closing => "양쪽 FIN이 엇갈렸고, 자기 FIN에 대한 ACK만 남았습니다.",
        TcpState::LastAck => "상대가 먼저 닫았습니다. 이쪽 FIN에 대한 ACK만 남았습니다.",
        TcpState::TimeWait => "그동안 주소와 포트는 계속 사용 중으로 남습니다.",
    }
}

/// What a timer is called.
pub(in crate::explain) fn timer(timer: TimerKind) -> &'static str {
    match timer {
        TimerKind::Retransmit => "재전송 타이머",
        TimerKind::LossProbe => "꼬리 손실 프로브 타이머",
        TimerKind::DelayedAck => "지연 ACK 타이머",
        TimerKind::ZeroWindowProbe => "제로 윈도우 프로브 타이머",
        TimerKind::KeepAlive => "킵얼라이브 타이머",
        TimerKind::TimeWait => "TIME-WAIT 타이머",
    }
}
