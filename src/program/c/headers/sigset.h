typedef struct { unsigned long __val[16]; } __sigset_t;
typedef __sigset_t sigset_t;
