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
    /* A child inherits the descriptor: two descriptors now lead to one open file. */
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0) {
        /* Sleeps until the client has sent its question. */
        char byte;
        if (recv(client, &byte, 1, 0) < 0)
            die("recv");
        if (send(client, "from the child", 14, 0) < 0)
            die("send");
        close(client); /* the last one: only now a FIN is sent */
        exit(0);
    }

    close(client); /* sends nothing: the child still has the connection */
    printf("the parent has closed\n");
    fflush(stdout);
    if (waitpid(child, NULL, 0) < 0)
        die("waitpid");
    close(listener);
    return 0;
}
