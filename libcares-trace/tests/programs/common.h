/* What the programs of the tests share. Each writes to its standard output what a program can
 * see of c-ares; a test compares that with and without the library that is preloaded. */
#ifndef COMMON_H
#define COMMON_H
#define _GNU_SOURCE
#include <ares.h>
#include <ares_version.h>
#include <arpa/inet.h>
#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HAS_RECORDS (ARES_VERSION >= 0x011c00)
#define HAS_STATE (ARES_VERSION >= 0x011d00)
#define HAS_EVENT_THREAD (ARES_VERSION >= 0x011a00)

#ifndef NS_C_IN
enum { NS_C_IN = 1, NS_T_A = 1, NS_T_SOA = 6, NS_T_MX = 15, NS_T_TXT = 16, NS_T_AAAA = 28 };
#endif

/* Set before each call: no call of c-ares may change what it does not change anyway. */
enum { MARK = 4242 };

/* What errno a callback finds is telling only inside the call that asks: otherwise it comes
 * from reading sockets, and depends on what has arrived. */
static int in_call;

static unsigned hash(const unsigned char *data, int len) {
    unsigned sum = 2166136261u;
    for (int i = 0; i < len; i++) sum = (sum ^ data[i]) * 16777619u;
    return sum;
}

static inline void on_message(void *arg, int status, int timeouts, unsigned char *abuf, int alen) {
    int seen = in_call ? errno : 0;
    /* Without the id, which is random. */
    printf("message %s status %d timeouts %d len %d hash %08x errno %d\n", (char *)arg, status,
           timeouts, alen, abuf && alen > 2 ? hash(abuf + 2, alen - 2) : 0, seen);
    errno = 99;
}

static inline void on_host(void *arg, int status, int timeouts, struct hostent *host) {
    int seen = in_call ? errno : 0;
    printf("host %s status %d timeouts %d errno %d", (char *)arg, status, timeouts, seen);
    if (host) {
        printf(" name %s", host->h_name);
        for (char **a = host->h_aliases; a && *a; a++) printf(" alias %s", *a);
        for (char **a = host->h_addr_list; a && *a; a++) {
            char text[64];
            printf(" %s", inet_ntop(host->h_addrtype, *a, text, sizeof text));
        }
    }
    putchar('\n');
}

static inline void on_nameinfo(void *arg, int status, int timeouts, char *node, char *service) {
    int seen = in_call ? errno : 0;
    printf("nameinfo %s status %d timeouts %d node %s service %s errno %d\n", (char *)arg, status,
           timeouts, node ? node : "-", service ? service : "-", seen);
}

static inline void on_addrinfo(void *arg, int status, int timeouts, struct ares_addrinfo *res) {
    int seen = in_call ? errno : 0;
    printf("addrinfo %s status %d timeouts %d errno %d", (char *)arg, status, timeouts, seen);
    for (struct ares_addrinfo_cname *c = res ? res->cnames : NULL; c; c = c->next)
        printf(" cname %s %s %d", c->alias, c->name, c->ttl);
    for (struct ares_addrinfo_node *n = res ? res->nodes : NULL; n; n = n->ai_next) {
        char text[64] = "?";
        getnameinfo(n->ai_addr, n->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
        printf(" %s %d", text, n->ai_ttl);
    }
    putchar('\n');
    /* It is ours. */
    ares_freeaddrinfo(res);
}

#if HAS_RECORDS
static inline void on_record(void *arg, ares_status_t status, size_t timeouts,
                             const ares_dns_record_t *record) {
    int seen = in_call ? errno : 0;
    printf("record %s status %d timeouts %zu answers %zu errno %d\n", (char *)arg, (int)status,
           timeouts, record ? ares_dns_record_rr_cnt(record, ARES_SECTION_ANSWER) : 0, seen);
}
#endif

/* Drives a channel until it waits for nothing. */
static inline void drive(ares_channel channel) {
    for (int round = 0; round < 10000; round++) {
        fd_set read, write;
        FD_ZERO(&read);
        FD_ZERO(&write);
        int count = ares_fds(channel, &read, &write);
        if (count == 0) return;
        struct timeval most = {1, 0}, tv, *wait = ares_timeout(channel, &most, &tv);
        select(count, &read, &write, NULL, wait);
        ares_process(channel, &read, &write);
    }
    puts("never done");
}

/* A channel that asks the server of the test, and reads no hosts file. */
static inline ares_channel channel_to(const char *server, struct ares_options *options, int mask) {
    ares_channel channel = NULL;
    options->lookups = "b";
    if (options->timeout == 0) options->timeout = 3000;
    options->tries = 2;
    options->domains = (char *[]){"example.com"};
    options->ndomains = 1;
    mask |= ARES_OPT_LOOKUPS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_DOMAINS;
#ifdef ARES_OPT_QUERY_CACHE
    /* What comes from a cache has grown older, by a second or by none. */
    options->qcache_max_ttl = 0;
    mask |= ARES_OPT_QUERY_CACHE;
#endif
    int status = ares_init_options(&channel, options, mask);
    if (status == ARES_SUCCESS) status = ares_set_servers_ports_csv(channel, server);
    if (status != ARES_SUCCESS) {
        printf("no channel: %d\n", status);
        exit(1);
    }
    return channel;
}

static inline ares_channel plain(const char *server) {
    struct ares_options options;
    memset(&options, 0, sizeof options);
    return channel_to(server, &options, 0);
}

/* A scenario: its name, and what it does with the server and a word from the command line. */
struct scenario {
    const char *name;
    void (*run)(const char *server, const char *word);
};

static inline int run(const struct scenario *scenarios, int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    ares_library_init(ARES_LIB_INIT_ALL);
    for (; argc > 2 && scenarios->name; scenarios++) {
        if (strcmp(scenarios->name, argv[1]) == 0) {
            scenarios->run(argv[2], argc > 3 ? argv[3] : "");
            puts("end");
            return 0;
        }
    }
    puts("no such scenario");
    return 2;
}
#endif
