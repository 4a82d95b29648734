#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

int main(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0)
        die("socket");
    /* A handshake ends when the client's first data is here: its bare ACK is not enough.
       That leaves time between the SYN and the ACK that counts. */
    int seconds = 1;
    if (setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds) < 0)
        die("setsockopt");
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(listener, 1) < 0) /* room for two */
        die("listen");

    /* Busy elsewhere, for longer than the kernel waits until it repeats a SYN,ACK. */
    usleep(1200 * 1000);
    for (int i = 0; i < 3; i++) {
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            die("accept");
        char text[32];
        ssize_t length = recv(client, text, sizeof text, 0);
        if (length < 0)
            die("recv");
        printf("accepted: %.*s\n", (int)length, text);
        if (send(client, "welcome", 7, 0) < 0)
            die("send");
        close(client);
    }
    close(listener);
    return 0;
}
