/* Channels: options, copies, callbacks of sockets and servers. */
#include "common.h"

static int the_data;

static void on_state(void *data, int fd, int readable, int writable) {
    (void)fd;
    printf("state %s %d %d\n", data == &the_data ? "mine" : "not mine", readable, writable);
}

static void describe(ares_channel channel) {
    struct ares_options options;
    memset(&options, 0, sizeof options);
    int mask = 0;
    errno = MARK;
    int status = ares_save_options(channel, &options, &mask);
    printf("saved %d mask %x errno %d callback %s data %s\n", status, mask, errno,
           options.sock_state_cb == on_state ? "mine" : options.sock_state_cb ? "not mine" : "none",
           options.sock_state_cb_data == &the_data ? "mine" : options.sock_state_cb_data ? "not mine" : "none");
    printf("timeout %d tries %d lookups %s domains %d\n", options.timeout, options.tries, options.lookups, options.ndomains);
    /* What was saved makes another channel. */
    ares_channel again = NULL;
    status = ares_init_options(&again, &options, mask);
    printf("again %d\n", status);
    if (status == ARES_SUCCESS) {
        struct ares_options second;
        memset(&second, 0, sizeof second);
        ares_save_options(again, &second, &mask);
        printf("again mask %x callback %s\n", mask, second.sock_state_cb == on_state ? "mine" : second.sock_state_cb ? "not mine" : "none");
        ares_destroy_options(&second);
        ares_destroy(again);
    }
    ares_destroy_options(&options);
}

static void options(const char *server, const char *word) {
    (void)word;
    struct ares_options given;
    memset(&given, 0, sizeof given);
    given.sock_state_cb = on_state;
    given.sock_state_cb_data = &the_data;
    given.flags = ARES_FLAG_NOALIASES;
    ares_channel with = channel_to(server, &given, ARES_OPT_SOCK_STATE_CB | ARES_OPT_FLAGS);
    describe(with);
    ares_query(with, "www.example.com", NS_C_IN, NS_T_A, on_message, "with");
    drive(with);
    ares_destroy(with);
    ares_channel without = plain(server);
    describe(without);
    ares_query(without, "www.example.com", NS_C_IN, NS_T_A, on_message, "without");
    drive(without);
    ares_destroy(without);
#if HAS_RECORDS /* 1.18 reads what is not there. */
    ares_channel none = (ares_channel)0x1234;
    int status = ares_init_options(&none, NULL, ARES_OPT_FLAGS);
    printf("refused %d\n", status);
    if (status == ARES_SUCCESS) ares_destroy(none);
#endif
    ares_channel simple = NULL;
    printf("init %d\n", ares_init(&simple));
    struct ares_options saved;
    int mask = 0;
    memset(&saved, 0, sizeof saved);
    printf("save %d", ares_save_options(simple, &saved, &mask));
    printf(" bit %d\n", (mask & ARES_OPT_SOCK_STATE_CB) != 0);
    ares_destroy_options(&saved);
    ares_destroy(simple);
    ares_destroy(NULL);
}

static int on_created(int fd, int type, void *data) {
    printf("created %d %d %s\n", fd >= 0, type, (char *)data);
    return 0;
}

static int on_configured(int fd, int type, void *data) {
    printf("configured %d %d %s\n", fd >= 0, type, (char *)data);
    return 0;
}

static int on_refused(int fd, int type, void *data) {
    printf("refuses %d %d %s\n", fd >= 0, type, (char *)data);
    return -1;
}

#if HAS_STATE
static void on_server(const char *server, ares_bool_t up, int flags, void *data) {
    (void)server;
    printf("server %d %d %s\n", up, flags, (char *)data);
}
#endif

/* A copy has its source's callbacks, also when the source is gone. */
static void copies(const char *server, const char *word) {
    (void)word;
    struct ares_options given;
    memset(&given, 0, sizeof given);
    given.sock_state_cb = on_state;
    given.sock_state_cb_data = &the_data;
    ares_channel source = channel_to(server, &given, ARES_OPT_SOCK_STATE_CB), copy = NULL, second = NULL;
    ares_set_socket_callback(source, on_created, "source");
    ares_set_socket_configure_callback(source, on_configured, "source");
#if HAS_STATE
    ares_set_server_state_callback(source, on_server, "source");
#endif
    errno = MARK;
    int status = ares_dup(&copy, source);
    printf("dup %d errno %d\n", status, errno);
    describe(copy);
    ares_destroy(source);
    ares_query(copy, "www.example.com", NS_C_IN, NS_T_A, on_message, "copy");
    drive(copy);
    printf("dup %d\n", ares_dup(&second, copy));
    ares_destroy(copy);
    ares_set_socket_callback(second, NULL, NULL);
    ares_query(second, "www.example.com", NS_C_IN, NS_T_AAAA, on_message, "second");
    drive(second);
    ares_set_socket_callback(second, on_refused, "second");
    ares_set_servers_ports_csv(second, server);
    ares_query(second, "example.com", NS_C_IN, NS_T_MX, on_message, "refused");
    drive(second);
    describe(second);
    ares_destroy(second);
}

static void servers(const char *server, const char *word) {
    (void)word;
    ares_channel channel = plain(server);
    struct ares_addr_node one = {.family = AF_INET}, two = {.next = &one, .family = AF_INET6};
    inet_pton(AF_INET, "192.0.2.1", &one.addr);
    inet_pton(AF_INET6, "2001:db8::1", &two.addr);
    printf("%d\n", ares_set_servers(channel, &two));
    struct ares_addr_port_node port = {.family = AF_INET, .udp_port = 5353, .tcp_port = 5353};
    inet_pton(AF_INET, "192.0.2.7", &port.addr);
    printf("%d\n", ares_set_servers_ports(channel, &port));
    printf("%d\n", ares_set_servers_csv(channel, "192.0.2.3,192.0.2.4"));
    printf("%d\n", ares_set_servers_csv(channel, "no address"));
    printf("%d\n", ares_set_servers(channel, NULL));
    printf("%d\n", ares_set_sortlist(channel, "192.0.2.0/255.255.255.0"));
    ares_set_local_ip4(channel, 0x7f000001);
    unsigned char v6[16] = {[15] = 1};
    ares_set_local_ip6(channel, v6);
    ares_set_local_dev(channel, "");
    ares_set_servers_ports_csv(channel, server);
    struct ares_addr_port_node *list = NULL;
    printf("%d", ares_get_servers_ports(channel, &list));
    for (struct ares_addr_port_node *n = list; n; n = n->next) printf(" family %d", n->family);
    putchar('\n');
    ares_free_data(list);
    ares_query(channel, "www.example.com", NS_C_IN, NS_T_A, on_message, "local");
    drive(channel);
    ares_destroy(channel);
}

/* A server that is silent, and one that answers. */
static void states(const char *server, const char *word) {
#if HAS_STATE
    char both[200];
    snprintf(both, sizeof both, "%s,%s", word, server);
    struct ares_options given;
    memset(&given, 0, sizeof given);
    given.timeout = 300;
    ares_channel channel = channel_to(server, &given, 0);
    ares_set_servers_ports_csv(channel, both);
    ares_set_server_state_callback(channel, on_server, "first");
    ares_query(channel, "www.example.com", NS_C_IN, NS_T_A, on_message, "first");
    drive(channel);
    ares_set_server_state_callback(channel, NULL, NULL);
    ares_query(channel, "www.example.com", NS_C_IN, NS_T_AAAA, on_message, "second");
    drive(channel);
    ares_destroy(channel);
#else
    (void)server, (void)word;
#endif
}

/* The library drives itself. */
static void event_thread(const char *server, const char *word) {
    (void)word;
#if HAS_EVENT_THREAD
    struct ares_options given;
    memset(&given, 0, sizeof given);
    given.evsys = ARES_EVSYS_DEFAULT;
    ares_channel channel = channel_to(server, &given, ARES_OPT_EVENT_THREAD);
    ares_query(channel, "www.example.com", NS_C_IN, NS_T_A, on_message, "one");
    printf("wait %d\n", ares_queue_wait_empty(channel, 10000));
    ares_getaddrinfo(channel, "shop.example.com", NULL, NULL, on_addrinfo, "two");
    printf("wait %d\n", ares_queue_wait_empty(channel, 10000));
    struct in_addr v4;
    inet_pton(AF_INET, "192.0.2.10", &v4);
    ares_gethostbyaddr(channel, &v4, sizeof v4, AF_INET, on_host, "three");
    printf("wait %d\n", ares_queue_wait_empty(channel, 10000));
    ares_search(channel, "www", NS_C_IN, NS_T_AAAA, on_message, "four");
    printf("wait %d\n", ares_queue_wait_empty(channel, 10000));
    given.sock_state_cb = on_state;
    ares_channel both = NULL;
    printf("both %d\n", ares_init_options(&both, &given, ARES_OPT_EVENT_THREAD | ARES_OPT_SOCK_STATE_CB));
    ares_destroy(channel);
#else
    (void)server;
#endif
}

/* What is allocated is counted, and fails at each place once. */
static long allocations, fail_at;

static void *counted(size_t size) {
    return ++allocations == fail_at ? NULL : malloc(size);
}

static void *recounted(void *old, size_t size) {
    return ++allocations == fail_at ? NULL : realloc(old, size);
}

static void on_status(void *arg, int status, int timeouts, unsigned char *abuf, int alen) {
    (void)timeouts, (void)abuf, (void)alen;
    *(int *)arg = status;
}

static void allocator(const char *server, const char *word) {
    (void)word;
    ares_library_cleanup();
    printf("%d\n", ares_library_init_mem(ARES_LIB_INIT_ALL, counted, free, recounted));
    for (fail_at = 0; fail_at < 150; fail_at++) {
        /* The first time for an answer; then nobody is there, and nothing waits for what was lost. */
        const char *place = fail_at == 0 ? server : "127.0.0.1:1";
        allocations = 0;
        ares_channel channel = NULL;
        struct ares_options given;
        memset(&given, 0, sizeof given);
        given.lookups = "b";
        given.flags = ARES_FLAG_STAYOPEN;
        int status = ares_init_options(&channel, &given, ARES_OPT_LOOKUPS | ARES_OPT_FLAGS);
        int told = -1, set = -1;
        if (status == ARES_SUCCESS) {
            set = ares_set_servers_ports_csv(channel, place);
            if (set == ARES_SUCCESS) {
                ares_query(channel, "www.example.com", NS_C_IN, NS_T_A, on_status, &told);
                drive(channel);
            }
            ares_destroy(channel);
        }
        printf("fail %ld init %d set %d told %d allocations %ld\n", fail_at, status, set, told, allocations);
    }
}

int main(int argc, char **argv) {
    static const struct scenario scenarios[] = {
        {"options", options}, {"copies", copies}, {"servers", servers}, {"states", states},
        {"event_thread", event_thread}, {"allocator", allocator}, {NULL, NULL},
    };
    return run(scenarios, argc, argv);
}
