#include <arpa/inet.h>
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
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(12345);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(listener, 5) < 0)
        die("listen");
    int client = accept(listener, NULL, NULL);
    if (client < 0)
        die("accept");
    /* Counts until the client has said all that it wants to say. */
    char text[64];
    ssize_t length;
    long total = 0;
    while ((length = recv(client, text, sizeof text, 0)) > 0)
        total += length;
    if (length < 0)
        die("recv");

    /* The client cannot send any more, but it still listens to us. */
    int size = snprintf(text, sizeof text, "you sent %ld bytes", total);
    if (send(client, text, size, 0) < 0)
        die("send");
    close(client);
    close(listener);
    return 0;
}
