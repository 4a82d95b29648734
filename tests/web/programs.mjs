// Programs that the browser tests load by `sockscope.load`.

const program = (name, text) => ({ name, files: [{ name: `${name}.c`, text }] });

const head = `#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <arpa/inet.h>

`;

const address = `    struct sockaddr_in address;
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_port = htons(8080);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
`;

const server = `${head}int main(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
${address}    bind(listener, (struct sockaddr *)&address, sizeof(address));
    listen(listener, 5);
    int a = accept(listener, NULL, NULL);
    int b = accept(listener, NULL, NULL);
    char buffer[64];
    recv(a, buffer, sizeof(buffer), 0);
    recv(b, buffer, sizeof(buffer), 0);
    return 0;
}
`;

const client = (connections) => `${head}int main(void) {
${address}    for (int i = 0; i < ${connections}; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
            perror("connect");
            return 1;
        }
        send(fd, "hello", 5, 0);
    }
    sleep(1);
    return 0;
}
`;

/** A client with five connections, of which its server accepts two. */
export const manySockets = { programs: [program("server", server), program("client", client(5))] };

/** A server and five clients. */
export const sixPrograms = {
  programs: [
    program("server", server),
    ...["anna", "ben", "chris", "dora", "emil"].map((name) => program(name, client(1))),
  ],
};

/** A client whose server never came. */
export const refused = { programs: [program("client", client(1))] };

/** A loop that never ends. */
export const endless = { programs: [program("spin", "int main(void) {\n    for (;;) {\n    }\n}\n")] };

/** A missing semicolon, in the second of two programs. */
export const syntaxError = {
  programs: [
    program("server", server),
    program("client", '#include <stdio.h>\n\nint main(void) {\n    int port = 12345\n    printf("%d\\n", port);\n    return 0;\n}\n'),
  ],
};

/** A write through a null pointer, after some output. */
export const nullWrite = {
  programs: [
    program("null", '#include <stdio.h>\n\nint main(void) {\n    int *p = NULL;\n    printf("before\\n");\n    fflush(stdout);\n    *p = 1;\n    return 0;\n}\n'),
  ],
};
