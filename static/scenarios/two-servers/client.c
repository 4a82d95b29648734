#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Asks whoever listens at a port of this machine who it is. */
static void ask(unsigned short port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) {
        perror("socket");
        exit(EXIT_FAILURE);
    }

    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("connect");
        exit(EXIT_FAILURE);
    }

    char answer[64];
    ssize_t length = recv(fd, answer, sizeof answer - 1, 0);
    if (length < 0) {
        perror("recv");
        exit(EXIT_FAILURE);
    }
    answer[length] = '\0';
    printf("127.0.0.1 port %d: %s\n", port, answer);
    close(fd);
}

int main(void)
{
    ask(2525);
    ask(8080);
    return 0;
}
