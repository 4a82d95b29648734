//! Segments that leave and the timers behind them, in Korean.

use crate::explain::Template;
use crate::kernel::event::{Carries, Head, TimerKind};
use crate::kernel::rule::Rule;
use crate::packet::Flags;

/// A segment left: told by its flags and by why it left.
pub(super) fn sent(head: Head, because: Rule) -> Template {
    match head.carries {
        Carries::Tcp => {}
        Carries::Udp => {
            return (
                "{from:이} {to}의 {toport}번 포트로 **{len}바이트짜리 데이터그램**을 보냅니다. 한 번 보내고 잊습니다. 연결도 확인응답도 재전송도 없습니다.",
                "{from} → {to}: UDP, {len}바이트",
            );
        }
        Carries::Error(_) => {
            return (
                "커널이 **{flags}**{:으} 답하면서, 문제가 된 패킷의 앞부분을 그대로 실어 보냅니다. {why}",
                "{flags} → {to}",
            );
        }
        Carries::EchoRequest | Carries::EchoReply | Carries::Icmp => {
            return (
                "{to:으} **{flags}**{:을} 보냅니다. ping(8)이 쓰는 메시지입니다. {why}",
                "{flags} → {to}",
            );
        }
    }
    let has = |bits| head.flags.has(bits);
    if has(Flags::RST) {
        return (
            "{to}에 **RST**를 보냅니다. 이쪽에는 그런 연결이 없거나 이제 없어졌다는 뜻입니다. {why}",
            "{from} → {to}: RST",
        );
    }
    if matches!(because, Rule::RetransmissionTimeout | Rule::FastRetransmit) {
        return (
            "{from:이} {to}에 **{flags}**{:을} **다시** 보냅니다. {why}",
            "{from} → {to}: {flags}, 재전송",
        );
    }
    if has(Flags::SYN | Flags::ACK) {
        return (
            "{from:이} 세 세그먼트 중 두 번째인 **SYN,ACK**로 답합니다. “SYN을 받았고, 내 초기 번호는 이것이다”라는 뜻입니다. {why}",
            "{from} → {to}: SYN,ACK",
        );
    }
    if has(Flags::SYN) {
        return (
            "{from:이} {toport}번 포트로 세 세그먼트 중 첫 번째인 **SYN**을 보냅니다. 연결을 요청하면서, 바이트를 몇 번부터 셀지 알립니다.",
            "{from} → {to}: SYN",
        );
    }
    if has(Flags::FIN) {
        return (
            "{from:이} **FIN**({fin}번)을 보냅니다. 더 보낼 데이터가 없다는 뜻입니다. FIN도 한 바이트처럼 번호를 차지해 확인응답을 받습니다. 방향마다 따로 FIN을 보내 닫습니다.",
            "{from} → {to}: FIN",
        );
    }
    if head.len > 0 {
        return (
            "{from:이} {to}에 **{len}바이트**({seq}–{last}번)를 보냅니다. 모든 세그먼트가 그렇듯 확인응답(ACK {ack})도 함께 실립니다. {why}",
            "{from} → {to}: {len}바이트",
        );
    }
    if because == Rule::SynAckToActive {
        return (
            "{from:이} 세 세그먼트 중 마지막인 **ACK**를 보냅니다. {why}",
            "{from} → {to}: ACK, handshake 끝",
        );
    }
    (
        "{from:이} **ACK {ack}**{:을} 보냅니다. 그 앞까지 모두 받았고 다음은 {ack}번을 기다린다는 뜻입니다. {why}",
        "{from} → {to}: ACK {ack}",
    )
}

/// A segment reached an endpoint.
pub(super) fn delivered(head: Head) -> Template {
    match head.carries {
        Carries::Tcp => {}
        Carries::Udp => {
            return (
                "{from:이} 보낸 **{len}바이트짜리 데이터그램**이 {sock}에 도착합니다. 커널은 이 상대와 연결된 소켓을 먼저 찾고, 다음으로 이 주소에 bind한 소켓, 마지막으로 모든 주소에 bind한 소켓을 찾습니다.",
                "{from} → {to}: {flags} 도착",
            );
        }
        Carries::Error(_) => {
            return (
                "**{flags}**{:이} 도착합니다. 인용된 패킷을 보낸 것이 {sock}이므로 이 소켓에 관한 오류입니다.",
                "{flags} 도착",
            );
        }
        Carries::EchoRequest | Carries::EchoReply | Carries::Icmp => {
            return ("**{flags}**{:이} {sock}에 도착합니다.", "{flags} 도착");
        }
    }
    let has = |bits| head.flags.has(bits);
    let text = if has(Flags::RST) {
        "{from:이} 보낸 **RST**가 {sock}에 도착했습니다. 번호가 기다리던 것과 같으면 연결은 그 자리에서 끝납니다."
    } else if has(Flags::SYN | Flags::ACK) {
        "{from:이} 보낸 **SYN,ACK**가 {sock}에 도착했습니다. 커널은 앞서 보낸 SYN을 정확히 확인응답하는지 봅니다."
    } else if has(Flags::SYN) {
        "{from:이} 보낸 **SYN**이 {sock}에 도착했습니다. 커널은 주소와 포트가 모두 맞는 연결을 먼저 찾고, 없을 때만 그 포트의 LISTEN 소켓을 찾습니다."
    } else if has(Flags::FIN) {
        "{from:이} 보낸 **FIN**({fin}번)이 {sock}에 도착했습니다. {from:이} 보내는 데이터는 여기까지입니다."
    } else if head.len > 0 {
        "{from:이} 보낸 **{len}바이트**({seq}–{last}번)가 {sock}에 도착했습니다. 커널은 다음에 기다리던 번호와 맞는지 비교합니다."
    } else {
        "{from:이} 보낸 **ACK {ack}**{:이} {sock}에 도착했습니다. 그 번호 앞까지 모두 받았다는 뜻입니다."
    };
    (text, "{from} → {to}: {flags} 도착")
}

/// A timer was set.
pub(super) fn timer_set(timer: TimerKind) -> Template {
    match timer {
        TimerKind::Retransmit => (
            "{sock:이} **재전송 타이머**를 {span}에 맞춥니다. 그때까지 확인응답이 없으면 가장 오래된 세그먼트를 다시 보냅니다.",
            "재전송 타이머: {span}",
        ),
        TimerKind::LossProbe => (
            "{sock:이} **손실 프로브 타이머**를 {span}에 맞춥니다. 그때까지 마지막 세그먼트가 확인응답되지 않으면, 재전송 타이머보다 먼저 세그먼트 하나를 더 보내 물어봅니다.",
            "{span} 뒤 손실 프로브",
        ),
        TimerKind::DelayedAck => (
            "{sock:이} **ACK를** 길어야 {span} 동안 **미룹니다**. 프로그램이 곧 답을 보내면 그 데이터에 ACK를 실어 세그먼트 하나를 아낄 수 있습니다.",
            "ACK를 {span} 미룸",
        ),
        TimerKind::ZeroWindowProbe => (
            "나가 있는 세그먼트가 없고 상대의 윈도우에 자리도 없습니다. 윈도우가 열렸다는 소식이 사라질 수도 있으므로 {sock:이} {span} 뒤에 다시 물어봅니다.",
            "{span} 뒤 윈도우 프로브",
        ),
        TimerKind::KeepAlive => (
            "{span} 동안 상대에게서 아무것도 오지 않으면 {sock:이} **킵얼라이브 프로브**로 아직 있는지 물어봅니다.",
            "{span} 뒤 킵얼라이브",
        ),
        TimerKind::TimeWait => (
            "{sock}에 **{span}** 타이머가 돌기 시작합니다. TIME-WAIT는 이 시간이 지나면 포트를 놓아주고, FIN-WAIT-2에 남은 고아 소켓은 그때 포기합니다.",
            "TIME-WAIT 타이머: {span}",
        ),
    }
}

/// A timer ran out.
pub(super) fn timer_expired(timer: TimerKind) -> Template {
    match timer {
        TimerKind::Retransmit => (
            "{sock}의 **재전송 타이머**가 다 되었습니다({attempt}번째). 확인응답이 오지 않았습니다. 세그먼트를 다시 보내며, 간격을 늘려 가다가 결국 포기합니다.",
            "재전송 타이머 만료({attempt}번째)",
        ),
        TimerKind::LossProbe => (
            "{sock}의 **손실 프로브 타이머**가 다 되었습니다. 나가 있는 것의 끝이 사라졌을 수 있습니다. 새 세그먼트를 보내거나 마지막 것을 다시 보내 상대가 답하게 합니다.",
            "손실 프로브",
        ),
        TimerKind::DelayedAck => (
            "{sock}의 **지연 ACK 타이머**가 다 되었습니다. ACK를 실을 데이터가 나가지 않아 ACK만 따로 보냅니다.",
            "지연 ACK 타이머 만료",
        ),
        TimerKind::ZeroWindowProbe => (
            "{sock:이} **윈도우 프로브**를 보낼 때가 되었습니다({attempt}번째). 이제 자리가 있는지 상대에게 물어봅니다.",
            "윈도우 프로브 시각({attempt}번째)",
        ),
        TimerKind::KeepAlive => (
            "{sock}의 **킵얼라이브 타이머**가 다 되었습니다({attempt}번째 프로브). 상대가 조용하므로 새 데이터가 없는 세그먼트를 보내 답하게 합니다.",
            "킵얼라이브 프로브({attempt}번째)",
        ),
        TimerKind::TimeWait => (
            "{sock}의 **TIME-WAIT 타이머**가 다 되었습니다. 커널이 이 연결을 잊습니다.",
            "TIME-WAIT 타이머 만료",
        ),
    }
}
