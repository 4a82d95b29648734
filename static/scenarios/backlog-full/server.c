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
    /* A queue for one connection that waits for accept(). Linux lets one more in. */
    if (listen(listener, 1) < 0)
        die("listen");

    /* This server is busy elsewhere, and comes back after half a second. */
    usleep(500 * 1000);
    for (int i = 0; i < 3; i++) {
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            die("accept");
        printf("accepted %d\n", i + 1);
        close(client);
    }
    close(listener);
    return 0;
}
