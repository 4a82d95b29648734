#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <arpa/inet.h>

#define SERVER_PORT 12345
#define BACKLOG 5

int main() {
    int server_socket, client_socket;
    int reuse = 1;
    struct sockaddr_in server_address, client_address;
    socklen_t client_length = sizeof(client_address);
    char client_message[256];
    ssize_t received;

    // 서버 소켓 생성
    server_socket = socket(AF_INET, SOCK_STREAM, 0);
    if (server_socket < 0) {
        perror("소켓 생성 실패");
        exit(EXIT_FAILURE);
    }

    // TIME_WAIT 상태의 포트도 다시 사용
    if (setsockopt(server_socket, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse)) < 0) {
        perror("소켓 옵션 설정 실패");
        exit(EXIT_FAILURE);
    }

    // 서버 주소 설정
    memset(&server_address, 0, sizeof(server_address));
    server_address.sin_family = AF_INET;
    server_address.sin_port = htons(SERVER_PORT);
    server_address.sin_addr.s_addr = htonl(INADDR_ANY);

    // 소켓에 주소 할당
    if (bind(server_socket, (struct sockaddr *)&server_address, sizeof(server_address)) < 0) {
        perror("바인드 실패");
        exit(EXIT_FAILURE);
    }

    // 연결 요청 대기
    if (listen(server_socket, BACKLOG) < 0) {
        perror("리슨 실패");
        exit(EXIT_FAILURE);
    }

    // 클라이언트의 연결 수락
    client_socket = accept(server_socket, (struct sockaddr *)&client_address, &client_length);
    if (client_socket < 0) {
        perror("연결 수락 실패");
        exit(EXIT_FAILURE);
    }

    // 클라이언트로부터 데이터 수신
    memset(client_message, 0, sizeof(client_message));
    received = recv(client_socket, client_message, sizeof(client_message) - 1, 0);
    if (received < 0) {
        perror("데이터 수신 실패");
        exit(EXIT_FAILURE);
    }

    printf("Received: %s\n", client_message);

    // 받은 데이터를 그대로 돌려보냄
    if (send(client_socket, client_message, received, 0) < 0) {
        perror("데이터 전송 실패");
        exit(EXIT_FAILURE);
    }

    // 소켓 연결 종료
    close(client_socket);
    close(server_socket);

    return 0;
}
