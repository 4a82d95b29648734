#include "ftp.h"
#include <netinet/tcp.h>

static const char file[] = "This is hello.txt.\n";

/* The data connection: accepted after PASV, made after PORT. */
static int data_connection(int passive, int port)
{
    if (passive >= 0) {
        int data = accept(passive, NULL, NULL);
        if (data < 0)
            die("accept");
        close(passive);
        return data;
    }
    int data = bound_to(20); /* FTP's second well-known port */
    connect_to(data, port);
    return data;
}

/* The end of the stream is how the client knows that the file is over. */
static void send_file(int data)
{
    if (send(data, file, strlen(file), 0) < 0)
        die("send");
    if (shutdown(data, SHUT_WR) < 0)
        die("shutdown");
    char byte;
    if (recv(data, &byte, 1, 0) != 0) /* the client closes when it has everything */
        die("recv");
    close(data);
}

/* Serves one client on its control connection. */
static void serve(int control)
{
    FILE *in = fdopen(control, "r");
    if (in == NULL)
        die("fdopen");
    /* After 150 comes 226, without a line from the client between: it must not wait for an acknowledgement. */
    int on = 1;
    if (setsockopt(control, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
        die("setsockopt");
    int passive = -1, port = 0, high, low;
    char line[128];
    dprintf(control, "220 ready\r\n");
    while (fgets(line, sizeof line, in) != NULL) {
        if (strncmp(line, "USER ", 5) == 0) {
            dprintf(control, "230 logged in\r\n");
        } else if (strncmp(line, "PASV", 4) == 0) {
            passive = bound_to(5001);
            if (listen(passive, 1) < 0)
                die("listen");
            dprintf(control, "227 Entering Passive Mode (127,0,0,1,%d,%d)\r\n", 5001 / 256, 5001 % 256);
        } else if (sscanf(line, "PORT 127,0,0,1,%d,%d", &high, &low) == 2) {
            port = high * 256 + low;
            dprintf(control, "200 PORT command successful\r\n");
        } else if (strncmp(line, "RETR", 4) == 0 && passive < 0 && port == 0) {
            dprintf(control, "425 use PASV or PORT first\r\n");
        } else if (strncmp(line, "RETR hello.txt", 14) == 0) {
            dprintf(control, "150 opening data connection\r\n");
            int data = data_connection(passive, port);
            passive = -1;
            send_file(data);
            dprintf(control, "226 transfer complete\r\n");
        } else if (strncmp(line, "QUIT", 4) == 0) {
            dprintf(control, "221 bye\r\n");
            break;
        } else {
            dprintf(control, "502 not implemented\r\n");
        }
    }
    fclose(in);
}

/* Two clients, one after the other. */
int main(void)
{
    int listener = bound_to(21);
    if (listen(listener, 5) < 0)
        die("listen");
    for (int i = 0; i < 2; i++) {
        int control = accept(listener, NULL, NULL);
        if (control < 0)
            die("accept");
        serve(control);
    }
    close(listener);
    return 0;
}
