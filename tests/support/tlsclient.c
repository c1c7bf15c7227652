#include "support/tlsclient.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/err.h>

#include "base/check.h"

int tcp_connect(const char *address, int port, int timeout_ms)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct timeval wait = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
    struct addrinfo *info;
    char service[16];

    snprintf(service, sizeof(service), "%d", port);
    if (getaddrinfo(address ? address : "127.0.0.1", service, &hints, &info) != 0)
        return -1;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        if (connect(fd, info->ai_addr, info->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(info);
    return fd;
}

static void alpn_set(SSL_CTX *context, const char *protocol)
{
    unsigned char list[32];
    size_t size = strlen(protocol);

    CHECK(size < sizeof(list));
    list[0] = (unsigned char)size;
    memcpy(list + 1, protocol, size);
    CHECK(SSL_CTX_set_alpn_protos(context, list, (unsigned int)size + 1) == 0);
}

static SSL_CTX *context_new(const struct tls_client_options *options)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    CHECK(context);
    if (options->version) {
        SSL_CTX_set_security_level(context, 0); /* else OpenSSL itself refuses TLS 1.1 */
        SSL_CTX_set_min_proto_version(context, options->version);
        SSL_CTX_set_max_proto_version(context, options->version);
    }
    if (!options->has_no_alpn)
        alpn_set(context, options->alpn ? options->alpn : "h2");
    if (options->certificate_file) {
        CHECK(SSL_CTX_use_certificate_chain_file(context, options->certificate_file) == 1);
        CHECK(SSL_CTX_use_PrivateKey_file(context, options->key_file, SSL_FILETYPE_PEM) == 1);
    }
    if (options->ca_file) {
        CHECK(SSL_CTX_load_verify_file(context, options->ca_file) == 1);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    }
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT);
    return context;
}

bool tls_client_open(struct tls_client *client, const struct tls_client_options *options)
{
    int timeout_ms = options->timeout_ms ? options->timeout_ms : 5000;

    *client = (struct tls_client){.fd = tcp_connect(options->address, options->port, timeout_ms)};
    if (client->fd < 0)
        return false;
    client->context = context_new(options);
    client->ssl = SSL_new(client->context);
    CHECK(client->ssl && SSL_set_fd(client->ssl, client->fd) == 1);
    if (options->session)
        SSL_set_session(client->ssl, options->session);
    ERR_clear_error();
    return SSL_connect(client->ssl) == 1;
}

void tls_client_close(struct tls_client *client)
{
    if (client->ssl && SSL_is_init_finished(client->ssl)) {
        ERR_clear_error();
        SSL_shutdown(client->ssl);
    }
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
    if (client->fd >= 0)
        close(client->fd);
    *client = (struct tls_client){.fd = -1};
    ERR_clear_error();
}

bool tls_client_write(struct tls_client *client, const void *data, size_t size)
{
    size_t written;

    ERR_clear_error();
    return size == 0 || SSL_write_ex(client->ssl, data, size, &written) == 1;
}

size_t tls_client_read(struct tls_client *client, void *data, size_t room)
{
    size_t size = 0;

    ERR_clear_error();
    return SSL_read_ex(client->ssl, data, room, &size) == 1 ? size : 0;
}
