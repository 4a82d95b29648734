#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Serves one client and ends. `server reuse` sets SO_REUSEADDR before bind(). */
int main(int argc, char *argv[])
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0) {
        perror("socket");
        exit(EXIT_FAILURE);
    }
    if (argc > 1 && strcmp(argv[1], "reuse") == 0) {
        int on = 1;
        if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) {
            perror("setsockopt");
            exit(EXIT_FAILURE);
        }
    }

    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons(12345);
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
    /* The server closes first: so the server's end gets TIME_WAIT. */
    close(client);
    close(listener);
    printf("served one client\n");
    return 0;
}
