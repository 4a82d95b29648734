#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <arpa/inet.h>

#define SERVER_IP "127.0.0.1"
#define SERVER_PORT 12345

int main() {
    int client_socket;
    struct sockaddr_in server_address;
    char server_message[256];
    
    // 클라이언트 소켓 생성
    client_socket = socket(AF_INET, SOCK_STREAM, 0);
    if (client_socket < 0) {
        perror("소켓 생성 실패");
        exit(EXIT_FAILURE);
    }
    
    // 서버 주소 설정
    server_address.sin_family = AF_INET;
    server_address.sin_port = htons(SERVER_PORT);
    if (inet_pton(AF_INET, SERVER_IP, &(server_address.sin_addr)) <= 0) {
        perror("잘못된 서버 주소");
        exit(EXIT_FAILURE);
    }
    
    // 서버에 연결
    if (connect(client_socket, (struct sockaddr *)&server_address, sizeof(server_address)) < 0) {
        perror("서버 연결 실패");
        exit(EXIT_FAILURE);
    }
    
    // 서버로 데이터 전송
    strcpy(server_message, "Hello, server!");
    if (send(client_socket, server_message, strlen(server_message), 0) < 0) {
        perror("데이터 전송 실패");
        exit(EXIT_FAILURE);
    }
    
    // 서버로부터 데이터 수신
    memset(server_message, 0, sizeof(server_message));
    if (recv(client_socket, server_message, sizeof(server_message), 0) < 0) {
        perror("데이터 수신 실패");
        exit(EXIT_FAILURE);
    }
    
    printf("Received: %s\n", server_message);
    
    // 소켓 연결 종료
    close(client_socket);
    
    return 0;
}
