//! What system calls are for and what they give back, in Korean.

/// What a call asks for, as a clause.
pub(in crate::explain) fn purpose(call: &str) -> &'static str {
    match call {
        "socket" => "새 소켓과 그 디스크립터를 요청합니다",
        "bind" => "소켓이 쓸 주소와 포트를 정하려 합니다",
        "listen" => "소켓을 LISTEN 상태로 바꾸고 handshake를 커널에 맡기려 합니다",
        "accept" | "accept4" => "accept 큐에서 가장 오래된 연결을 새 디스크립터로 받으려 합니다",
        "connect" => {
            "상대를 정하려 합니다. TCP라면 커널이 3-way handshake를 하고, UDP라면 주소만 적어 둡니다"
        }
        "sendto" => "상대에게 보낼 바이트가 있습니다(C 라이브러리의 send()도 이 호출이 됩니다)",
        "recvfrom" => "도착한 바이트를 받으려 합니다(C 라이브러리의 recv()도 이 호출이 됩니다)",
        "read" => "디스크립터에서 바이트를 읽으려 합니다",
        "write" => "디스크립터에 바이트를 쓰려 합니다",
        "close" => "디스크립터를 닫으려 합니다. 마지막 디스크립터라면 연결도 닫힙니다",
        "shutdown" => "디스크립터는 그대로 두고 한 방향 또는 양방향을 끝내려 합니다",
        "poll" => "여러 디스크립터를 한꺼번에 기다려 어느 것이 준비되었는지 알려고 합니다",
        "nanosleep" => "잠시 자려고 합니다",
        "getsockname" => "소켓 자신의 주소를 알려고 합니다",
        "getpeername" => "상대의 주소를 알려고 합니다",
        "setsockopt" => "소켓의 옵션을 바꾸려 합니다",
        "getsockopt" => "소켓 옵션의 값을 알려고 합니다",
        "exit_group" => "모든 스레드와 함께 프로세스를 끝내려 합니다",
        _ => "커널에 일을 맡깁니다",
    }
}

/// What a call that returned `ret` has given.
pub(in crate::explain) fn result(call: &str, ret: i64) -> &'static str {
    match call {
        "recvfrom" | "read" if ret == 0 => {
            "스트림이라면 끝입니다. 앞으로도 오지 않습니다. 데이터그램이라면 그저 빈 것일 수 있습니다."
        }
        "recvfrom" | "read" => {
            "받은 바이트 수입니다. 스트림에는 메시지의 경계가 없고 데이터그램은 짧을 수 있어서, 요청보다 적을 수 있습니다."
        }
        "poll" if ret == 0 => "준비된 디스크립터 없이 시간이 다 되었습니다.",
        "poll" => "준비된 디스크립터의 수입니다.",
        "socket" => "앞으로 프로그램이 이 소켓을 가리킬 디스크립터 번호입니다.",
        "bind" => "소켓이 주소와 포트를 갖게 되었습니다.",
        "listen" => "이제부터 이 포트로 오는 SYN에는 커널이 답합니다.",
        "accept" | "accept4" => {
            "이 연결 하나만을 위한 새 디스크립터입니다. LISTEN 소켓은 그대로 남습니다."
        }
        "connect" => {
            "TCP라면 SYN,ACK가 와서 연결되었습니다(서버의 accept()와는 상관없습니다). UDP라면 상대를 적어 두었을 뿐, 보낸 것은 없습니다."
        }
        "sendto" => "커널이 넘겨받은 바이트 수입니다. 상대 프로그램이 읽었다는 뜻은 아닙니다.",
        "write" => "커널이 넘겨받은 바이트 수입니다.",
        "close" => "번호가 다시 비었습니다. TCP는 아직 연결을 닫는 중일 수 있습니다.",
        "shutdown" => "소켓을 함께 쓰는 모든 프로세스에게 그 방향이 닫혔습니다.",
        "nanosleep" => "시간이 다 지났습니다.",
        "getsockname" => "주소가 프로그램의 버퍼에 들어 있습니다.",
        "getpeername" => "주소가 프로그램의 버퍼에 들어 있습니다.",
        "setsockopt" => "옵션이 설정되었습니다.",
        "getsockopt" => "값이 프로그램의 버퍼에 들어 있습니다.",
        _ => "",
    }
}
