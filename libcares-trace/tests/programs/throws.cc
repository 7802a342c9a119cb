// Callbacks that leave in other ways than by returning.
#include <csetjmp>
#include <stdexcept>
#include <cstdio>
extern "C" {
#include <ares.h>
}

enum { NS_C_IN = 1, NS_T_A = 1 };

static void throws(void *, int, int, unsigned char *, int) { throw std::runtime_error("thrown"); }

static std::jmp_buf back;
static void jumps(void *, int, int, unsigned char *, int) { std::longjmp(back, 1); }

static void on_end(void *arg, int status, int, unsigned char *, int) {
    printf("%s %d\n", static_cast<const char *>(arg), status);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    setvbuf(stdout, nullptr, _IOLBF, 0);
    ares_library_init(ARES_LIB_INIT_ALL);
    ares_channel channel = nullptr;
    ares_init(&channel);
    ares_set_servers_ports_csv(channel, argv[2]);
    try {
        ares_query(channel, "a..b", NS_C_IN, NS_T_A, throws, nullptr);
        puts("came back");
    } catch (const std::runtime_error &error) {
        puts(error.what());
    }
    if (setjmp(back) == 0) {
        ares_query(channel, "a..b", NS_C_IN, NS_T_A, jumps, nullptr);
        puts("came back");
    } else {
        puts("jumped");
    }
    // What left in the middle may have left the channel's lock taken: another channel.
    ares_channel other = nullptr;
    ares_init(&other);
    ares_query(other, "a..b", NS_C_IN, NS_T_A, on_end, const_cast<char *>("after"));
    ares_destroy(other);
    puts("end");
}
