#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The other server on the same machine, with the same address. Only its port differs: 2525. */
int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0) {
        perror("socket");
        exit(EXIT_FAILURE);
    }

    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(2525);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("bind");
        exit(EXIT_FAILURE);
    }
    if (listen(listener, 5) < 0) {
        perror("listen");
        exit(EXIT_FAILURE);
    }

    int client = accept(listener, NULL, NULL);
    if (client < 0) {
        perror("accept");
        exit(EXIT_FAILURE);
    }
    const char *answer = "I am the mail server";
    if (send(client, answer, strlen(answer), 0) < 0) {
        perror("send");
        exit(EXIT_FAILURE);
    }
    close(client);
    close(listener);
    return 0;
}
