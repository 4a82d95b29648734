#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

/* A client that is disconnected listens at the port that it had. */
int main(void)
{
    struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons(8080) };
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(9000) };
    struct sockaddr nobody = { .sa_family = AF_UNSPEC };
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int client = socket(AF_INET, SOCK_STREAM, 0);

    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener, (struct sockaddr *)&server, sizeof server);
    listen(listener, 1);
    bind(client, (struct sockaddr *)&own, sizeof own);
    connect(client, (struct sockaddr *)&server, sizeof server);
    accept(listener, NULL, NULL);
    connect(client, &nobody, sizeof nobody);
    if (listen(client, 1) < 0) {
        perror("listen");
        return 1;
    }
    return 0;
}
