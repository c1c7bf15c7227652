#include "batch/registry.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct registry {
    pthread_mutex_t mutex;
    struct registry_view *view;
};

static void *copy_of(const void *items, size_t count, size_t size)
{
    void *copy = calloc(count ? count : 1, size);

    CHECK(copy);
    if (count)
        memcpy(copy, items, count * size);
    return copy;
}

static int by_member_id(const void *a, const void *b)
{
    const struct member *left = a;
    const struct member *right = b;

    return (left->member_id > right->member_id) - (left->member_id < right->member_id);
}

static int by_fingerprint(const void *a, const void *b)
{
    const struct registry_certificate *left = a;
    const struct registry_certificate *right = b;

    return memcmp(left->fingerprint, right->fingerprint, REGISTRY_FINGERPRINT_SIZE);
}

static struct registry_view *view_new(const struct registry_view *picture)
{
    struct registry_view *view = calloc(1, sizeof(*view));
    size_t members = (size_t)picture->member_count;
    size_t certificates = (size_t)picture->certificate_count;
    struct member *own_members = copy_of(picture->members, members, sizeof(*own_members));
    struct registry_certificate *own_certificates =
        copy_of(picture->certificates, certificates, sizeof(*own_certificates));

    CHECK(view);
    qsort(own_members, members, sizeof(*own_members), by_member_id);
    qsort(own_certificates, certificates, sizeof(*own_certificates), by_fingerprint);
    *view = *picture;
    view->members = own_members;
    view->certificates = own_certificates;
    view->attributes = copy_of(picture->attributes, (size_t)picture->attribute_count,
                               sizeof(*picture->attributes));
    view->holders = 1;
    return view;
}

/* Gives up one hold; the last one frees. The caller has the mutex. */
static void view_drop(struct registry_view *view)
{
    if (--view->holders > 0)
        return;
    free((void *)view->members);
    free((void *)view->certificates);
    free((void *)view->attributes);
    free(view);
}

struct registry *registry_new(void)
{
    struct registry *registry = calloc(1, sizeof(*registry));

    CHECK(registry);
    pthread_mutex_init(&registry->mutex, NULL);
    registry->view = view_new(&(struct registry_view){.version = 0});
    return registry;
}

void registry_free(struct registry *registry)
{
    if (!registry)
        return;
    view_drop(registry->view);
    pthread_mutex_destroy(&registry->mutex);
    free(registry);
}

void registry_install(struct registry *registry, const struct registry_view *picture)
{
    struct registry_view *view = view_new(picture);

    pthread_mutex_lock(&registry->mutex);
    view_drop(registry->view);
    registry->view = view;
    pthread_mutex_unlock(&registry->mutex);
}

const struct registry_view *registry_hold(struct registry *registry)
{
    struct registry_view *view;

    pthread_mutex_lock(&registry->mutex);
    view = registry->view;
    view->holders++;
    pthread_mutex_unlock(&registry->mutex);
    return view;
}

void registry_drop(struct registry *registry, const struct registry_view *view)
{
    pthread_mutex_lock(&registry->mutex);
    view_drop((struct registry_view *)view);
    pthread_mutex_unlock(&registry->mutex);
}

int64_t registry_version(struct registry *registry)
{
    int64_t version;

    pthread_mutex_lock(&registry->mutex);
    version = registry->view->version;
    pthread_mutex_unlock(&registry->mutex);
    return version;
}

const struct member *registry_by_fingerprint(const struct registry_view *view,
                                             const uint8_t *fingerprint)
{
    struct registry_certificate key = {.member_id = 0};
    const struct registry_certificate *found;

    memcpy(key.fingerprint, fingerprint, REGISTRY_FINGERPRINT_SIZE);
    found = bsearch(&key, view->certificates, (size_t)view->certificate_count, sizeof(key),
                    by_fingerprint);
    return found ? registry_by_id(view, found->member_id) : NULL;
}

const struct member *registry_by_id(const struct registry_view *view, int32_t member_id)
{
    int low = 0;
    int high = view->member_count - 1;

    while (low <= high) {
        int middle = low + (high - low) / 2;
        const struct member *member = &view->members[middle];
        if (member->member_id == member_id)
            return member;
        if (member->member_id < member_id)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return NULL;
}

const struct member *registry_by_code(const struct registry_view *view, const char *code)
{
    for (int i = 0; i < view->member_count; i++) {
        if (!strcmp(view->members[i].code, code))
            return &view->members[i];
    }
    return NULL;
}
