#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* Answers one client until it has gone. */
static void serve(int client)
{
    char text[32];
    ssize_t length;
    while ((length = recv(client, text, sizeof text, 0)) > 0) {
        if (send(client, text, length, 0) < 0)
            die("send");
    }
    if (length < 0)
        die("recv");
    close(client);
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
    for (int i = 0; i < 2; i++) {
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            die("accept");
        pid_t child = fork();
        if (child < 0)
            die("fork");
        if (child == 0) {
            close(listener); /* the child takes no new clients */
            serve(client);
            exit(0);
        }
        close(client); /* the parent does not talk to this one */
    }
    close(listener);

    /* The children's exit statuses wait to be fetched. */
    while (wait(NULL) > 0)
        continue;
    return 0;
}
