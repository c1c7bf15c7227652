/*
 * The notification protocol of systemd, sd_notify(3), written here so that the server needs no
 * library for one datagram. Without NOTIFY_SOCKET in the environment every call does nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The server answers. */
bool notify_ready(void);

/* A reload begins; follow it by notify_ready. */
bool notify_reloading(void);

/* The server drains. */
bool notify_stopping(void);

/* A line for `systemctl status`. No personal data; cut at 255 bytes, newlines made spaces. */
bool notify_status(const char *text);

/* The server is alive. Call it at half of notify_watchdog_us. */
bool notify_watchdog(void);

/* The interval in which systemd wants a sign of life, in microseconds; 0: none wanted. */
int64_t notify_watchdog_us(void);

/* All functions above return true when the datagram was sent. */
