/* Every way to ask, and what comes back. */
#include "common.h"

static void families(const char *server, const char *word) {
    (void)word;
    ares_channel channel = plain(server);
#define CALL(call) do { in_call = 1; errno = MARK; call; in_call = 0; printf("called %s errno %d\n", #call, errno); drive(channel); } while (0)
    CALL(ares_query(channel, "example.com", NS_C_IN, NS_T_MX, on_message, "mx"));
    CALL(ares_query(channel, "example.com", NS_C_IN, NS_T_TXT, on_message, "txt"));
    CALL(ares_query(channel, "nowhere.example.com", NS_C_IN, NS_T_A, on_message, "nxdomain"));
    CALL(ares_query(channel, "v4only.example.com", NS_C_IN, NS_T_AAAA, on_message, "nodata"));
    CALL(ares_search(channel, "www", NS_C_IN, NS_T_A, on_message, "search"));
    CALL(ares_search(channel, "no.such.onion", NS_C_IN, NS_T_A, on_message, "onion"));
    CALL(ares_gethostbyname(channel, "shop.example.com", AF_INET, on_host, "host"));
    CALL(ares_gethostbyname(channel, "192.0.2.99", AF_INET, on_host, "literal"));
    CALL(ares_gethostbyname(channel, "v6only.example.com", AF_INET6, on_host, "host6"));
    CALL(ares_gethostbyname(channel, "www.example.com", AF_UNSPEC, on_host, "unspec"));
    struct in_addr v4;
    inet_pton(AF_INET, "192.0.2.10", &v4);
    CALL(ares_gethostbyaddr(channel, &v4, sizeof v4, AF_INET, on_host, "addr"));
    CALL(ares_gethostbyaddr(channel, &v4, 3, AF_INET, on_host, "short"));
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(80), .sin_addr = v4};
    CALL(ares_getnameinfo(channel, (struct sockaddr *)&sa, sizeof sa, ARES_NI_LOOKUPHOST | ARES_NI_NUMERICSERV | ARES_NI_LOOKUPSERVICE, on_nameinfo, "nameinfo"));
    struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_flags = ARES_AI_NOSORT};
    CALL(ares_getaddrinfo(channel, "shop.example.com", "443", &hints, on_addrinfo, "both"));
    CALL(ares_getaddrinfo(channel, "nowhere.example.com", NULL, NULL, on_addrinfo, "none"));
#if HAS_RECORDS /* 1.18 reads what is not there. */
    CALL(ares_getaddrinfo(channel, NULL, NULL, NULL, on_addrinfo, "nothing"));
    CALL(ares_search(NULL, "www.example.com", NS_C_IN, NS_T_A, on_message, "no channel"));
#endif
    unsigned char *query = NULL;
    int len = 0;
    ares_create_query("www.example.com", NS_C_IN, NS_T_A, 7, 1, &query, &len, 0);
    CALL(ares_send(channel, query, len, on_message, "send"));
    CALL(ares_send(channel, query, 3, on_message, "send short"));
    ares_free_string(query);
    CALL(ares_query(channel, "a..b", NS_C_IN, NS_T_A, on_message, "bad name"));
    struct hostent *host = NULL;
    int status = ares_gethostbyname_file(channel, "no-such-name.example", AF_INET, &host);
    printf("file %d %d\n", status, host != NULL);
    CALL(ares_cancel(channel));
    ares_destroy(channel);
}

/* Records of every kind that the zone has, so that what is told of them can be looked at. */
static void types(const char *server, const char *word) {
    (void)word;
    ares_channel channel = plain(server);
    static const int kinds[] = {1, 2, 5, 6, 13, 15, 16, 28, 33, 35, 52, 64, 65, 256, 257, 65280};
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        ares_query(channel, "all.example.com", NS_C_IN, kinds[i], on_message, "bytes");
        drive(channel);
#if HAS_RECORDS
        ares_query_dnsrec(channel, "all.example.com", ARES_CLASS_IN, (ares_dns_rec_type_t)kinds[i], on_record, "record", NULL);
        drive(channel);
#endif
    }
    ares_destroy(channel);
}

static void records(const char *server, const char *word) {
    (void)word;
#if HAS_RECORDS
    ares_channel channel = plain(server);
    unsigned short id = 0;
    in_call = 1;
    errno = MARK;
    int status = ares_query_dnsrec(channel, "example.com", ARES_CLASS_IN, ARES_REC_TYPE_MX, on_record, "query", &id);
    in_call = 0;
    printf("%d errno %d id %d\n", status, errno, id != 0);
    drive(channel);
    status = ares_query_dnsrec(channel, "no.onion.", ARES_CLASS_IN, ARES_REC_TYPE_A, on_record, "onion", NULL);
    printf("%d\n", status);
    drive(channel);
    ares_dns_record_t *message = NULL;
    ares_dns_record_create(&message, 1, ARES_FLAG_RD, ARES_OPCODE_QUERY, ARES_RCODE_NOERROR);
    ares_dns_record_query_add(message, "www", ARES_REC_TYPE_A, ARES_CLASS_IN);
    printf("%d\n", ares_search_dnsrec(channel, message, on_record, "search"));
    drive(channel);
    printf("%d\n", ares_search_dnsrec(channel, NULL, on_record, "no message"));
    ares_dns_record_destroy(message);
    message = NULL;
    ares_dns_record_create(&message, 1, ARES_FLAG_RD, ARES_OPCODE_QUERY, ARES_RCODE_NOERROR);
    ares_dns_record_query_add(message, "example.com", ARES_REC_TYPE_TXT, ARES_CLASS_IN);
    printf("%d\n", ares_send_dnsrec(channel, message, on_record, "send", NULL));
    drive(channel);
    printf("%d\n", ares_send_dnsrec(channel, message, NULL, "nobody", NULL) == ARES_SUCCESS);
    ares_dns_record_destroy(message);
    ares_destroy(channel);
#else
    (void)server;
#endif
}

/* Callbacks that ask, cancel and throw work away. */
static ares_channel deep_channel;
static int depth;

static void on_deep(void *arg, int status, int timeouts, unsigned char *abuf, int alen) {
    (void)timeouts, (void)abuf;
    printf("deep %d %s %d %d\n", depth, (char *)arg, status, alen > 0);
    if (depth++ < 3) {
        ares_query(deep_channel, "www.example.com", NS_C_IN, NS_T_A, on_deep, "again");
        ares_query(deep_channel, "a..b", NS_C_IN, NS_T_A, on_deep, "inside");
    }
#if ARES_VERSION >= 0x012209 /* Older ones free twice what is cancelled in its own callback. */
    else ares_cancel(deep_channel);
#endif
}

static void nested(const char *server, const char *word) {
    (void)word;
    deep_channel = plain(server);
    ares_query(deep_channel, "example.com", NS_C_IN, NS_T_MX, on_deep, "first");
    drive(deep_channel);
    ares_destroy(deep_channel);
}

static void on_end(void *arg, int status, int timeouts, unsigned char *abuf, int alen) {
    printf("%s %d %d %d %d\n", (char *)arg, status, timeouts, abuf != NULL, alen);
}

/* Destroying and cancelling with questions in flight tells them in order. */
static void destroy(const char *server, const char *word) {
    (void)word;
    ares_channel channel = plain(server);
    static char names[8][8];
    for (int i = 0; i < 8; i++) {
        snprintf(names[i], sizeof names[i], "n%d", i);
        ares_query(channel, "silent.example.com", NS_C_IN, NS_T_A, on_end, names[i]);
    }
    ares_cancel(channel);
    for (int i = 0; i < 8; i++) ares_query(channel, "silent.example.com", NS_C_IN, NS_T_A, on_end, names[i]);
    ares_getaddrinfo(channel, "silent.example.com", NULL, NULL, on_addrinfo, "info");
    ares_destroy(channel);
}

/* One question that nobody answers at first. */
static void timeouts(const char *server, const char *word) {
    (void)word;
    struct ares_options options;
    memset(&options, 0, sizeof options);
    options.timeout = 300;
    ares_channel channel = channel_to(server, &options, 0);
    ares_query(channel, "late.example.com", NS_C_IN, NS_T_A, on_end, "late");
    drive(channel);
    ares_destroy(channel);
}

/* Leaves with a question in flight. */
static void leave(const char *server, const char *word) {
    ares_channel channel = plain(server);
    ares_query(channel, "silent.example.com", NS_C_IN, NS_T_A, on_end, "in flight");
    if (strcmp(word, "_exit") == 0) _exit(7);
    exit(7);
}

static void on_leave(void *arg, int status, int timeouts, unsigned char *abuf, int alen) {
    on_end(arg, status, timeouts, abuf, alen);
    exit(8);
}

/* Leaves from inside a callback. */
static void leave_inside(const char *server, const char *word) {
    (void)word;
    ares_channel channel = plain(server);
    ares_query(channel, "www.example.com", NS_C_IN, NS_T_A, on_leave, "leaves");
    drive(channel);
}

/* n questions, one after another, with nothing said: for measuring. */
static long answered;
static void on_counted(void *arg, int status, int timeouts, unsigned char *abuf, int alen) {
    (void)arg, (void)timeouts, (void)abuf, (void)alen;
    answered += status == ARES_SUCCESS;
}

static void many(const char *server, const char *word) {
    ares_channel channel = plain(server);
    for (int left = atoi(word); left > 0; left--) {
        ares_query(channel, "www.example.com", NS_C_IN, NS_T_A, on_counted, NULL);
        drive(channel);
    }
    ares_destroy(channel);
    printf("answered %ld\n", answered);
}

int main(int argc, char **argv) {
    static const struct scenario scenarios[] = {
        {"families", families}, {"types", types}, {"records", records}, {"nested", nested},
        {"destroy", destroy}, {"timeouts", timeouts}, {"leave", leave},
        {"leave_inside", leave_inside}, {"many", many}, {NULL, NULL},
    };
    return run(scenarios, argc, argv);
}
