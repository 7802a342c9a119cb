/* The process around it: forks, threads, descriptors, signals, loading. */
#include "common.h"

static void on_quiet(void *arg, int status, int timeouts, unsigned char *abuf, int alen) {
    (void)timeouts, (void)abuf, (void)alen;
    __atomic_fetch_add((int *)arg, status == ARES_SUCCESS, __ATOMIC_RELAXED);
}

static int ask(const char *server, int count) {
    int answered = 0;
    ares_channel channel = plain(server);
    for (int i = 0; i < count; i++) {
        ares_query(channel, i % 2 ? "www.example.com" : "example.com", NS_C_IN, i % 2 ? NS_T_A : NS_T_MX, on_quiet, &answered);
        if (i % 8 == 7) drive(channel);
    }
    drive(channel);
    ares_destroy(channel);
    return answered;
}

static const char *thread_server;
static volatile int stop;

static void *thread(void *arg) {
    int count = *(int *)arg;
    return (void *)(long)ask(thread_server, count);
}

static void *endless(void *arg) {
    (void)arg;
    while (!stop) ask(thread_server, 4);
    return NULL;
}

static void threads(const char *server, const char *word) {
    thread_server = server;
    pthread_t all[8];
    int count = atoi(word);
    for (int i = 0; i < 8; i++) pthread_create(&all[i], NULL, thread, &count);
    for (int i = 0; i < 8; i++) {
        void *answered;
        pthread_join(all[i], &answered);
        printf("answered %ld\n", (long)answered);
    }
}

/* Forks while threads are at work; parent and children ask. */
static void forks(const char *server, const char *word) {
    thread_server = server;
    pthread_t all[3];
    for (int i = 0; i < 3; i++) pthread_create(&all[i], NULL, endless, NULL);
    for (int i = 0; i < atoi(word); i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            exit(ask(server, 6));
        }
        int status = 0;
        waitpid(child, &status, 0);
        printf("child %d %d\n", WIFEXITED(status), WEXITSTATUS(status));
    }
    stop = 1;
    for (int i = 0; i < 3; i++) pthread_join(all[i], NULL);
}

/* Leaves while threads are at work. */
static void leave(const char *server, const char *word) {
    (void)word;
    thread_server = server;
    pthread_t all[4];
    for (int i = 0; i < 4; i++) pthread_create(&all[i], NULL, endless, NULL);
    usleep(100 * 1000);
    exit(5);
}

/* A daemon closes what it does not know, and opens its own. */
static void closes(const char *server, const char *word) {
    ask(server, 2);
    for (int fd = 3; fd < 65536; fd++) close(fd);
    /* Numbers that something else may have had. */
    int first = open(word, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (int fd = first + 1; fd < 64; fd++) dup2(first, fd);
    for (int fd = 1000; fd < 1010; fd++) dup2(first, fd);
    for (int fd = 60000; fd < 60010; fd++) dup2(first, fd);
    dprintf(first, "mine\n");
    printf("first %d answered %d\n", first, ask(server, 4));
}

/* Standard error becomes the program's own file. */
static void takes_stderr(const char *server, const char *word) {
    ask(server, 2);
    close(2);
    int mine = open(word, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dprintf(mine, "mine\n");
    printf("is %d answered %d\n", mine, ask(server, 4));
}

/* The lowest free descriptor is the program's, from the start to the end. */
static void lowest(const char *server, const char *word) {
    (void)word;
    int before = dup(1);
    ask(server, 2);
    int after = dup(1);
    printf("%d %d\n", before, after);
}

/* Standard error is a pipe that nobody reads. */
static void pipes(const char *server, const char *word) {
    (void)word;
    printf("answered %d\n", ask(server, 4));
    sigset_t pending, blocked;
    sigpending(&pending);
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    printf("pending %d blocked %d\n", sigismember(&pending, SIGPIPE), sigismember(&blocked, SIGPIPE));
}

/* A file that may not grow. */
static void limits(const char *server, const char *word) {
    (void)word;
    printf("answered %d\n", ask(server, 50));
    fflush(stdout);
}

/* A function that this library may lack. */
static void lacks(const char *server, const char *word) {
    (void)word;
    int (*reinit)(ares_channel) = (int (*)(ares_channel))dlsym(RTLD_DEFAULT, "ares_reinit");
    ares_channel channel = plain(server);
    printf("reinit %s", reinit ? "there" : "absent");
    if (reinit) printf(" %d", reinit(channel));
    putchar('\n');
    void (*query)(ares_channel, const char *, int, int, void *, void *, void *) = dlsym(RTLD_DEFAULT, "ares_query_dnsrec");
    printf("dnsrec %s\n", query ? "there" : "absent");
    ares_destroy(channel);
}

/* A thread that is cancelled: not by us. */
static void *cancelled(void *arg) {
    ares_channel channel = plain(thread_server);
    int answered = 0;
    pthread_cancel(pthread_self());
    /* A bad name is told inside the call, which is no point of cancellation. */
    ares_query(channel, "a..b", NS_C_IN, NS_T_A, on_quiet, &answered);
    *(int *)arg = 1;
    pthread_testcancel();
    return NULL;
}

static void cancels(const char *server, const char *word) {
    (void)word;
    thread_server = server;
    int reached = 0;
    pthread_t one;
    pthread_create(&one, NULL, cancelled, &reached);
    void *result;
    pthread_join(one, &result);
    printf("reached %d cancelled %d\n", reached, result == PTHREAD_CANCELED);
}

/* A question whose callback is the library's own, as it asks itself on a thread of its own. */
static void internal(const char *server, const char *word) {
    (void)word;
    ares_channel channel = plain(server);
    int answered = 0;
    ares_callback theirs = (ares_callback)dlsym(RTLD_DEFAULT, "ares_free_string");
    ares_query(channel, "a..b", NS_C_IN, NS_T_A, theirs, NULL);
    ares_query(channel, "www.example.com", NS_C_IN, NS_T_A, on_quiet, &answered);
    drive(channel);
    ares_destroy(channel);
    printf("answered %d\n", answered);
}

/* A process with rights that who started it lacks. */
static void rights(const char *server, const char *word) {
    (void)word;
    printf("answered %d\n", ask(server, 2));
}

int main(int argc, char **argv) {
    static const struct scenario scenarios[] = {
        {"threads", threads}, {"forks", forks}, {"leave", leave}, {"closes", closes},
        {"takes_stderr", takes_stderr}, {"lowest", lowest}, {"pipes", pipes}, {"limits", limits},
        {"lacks", lacks}, {"cancels", cancels}, {"rights", rights}, {"internal", internal}, {NULL, NULL},
    };
    return run(scenarios, argc, argv);
}
