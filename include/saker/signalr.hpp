#pragma once

// SignalR: hubs for the standard clients. Link saker::signalr.

#ifndef SAKER_SIGNALR
#error "Link saker::signalr: target_link_libraries(app PRIVATE saker::signalr)"
#endif

#include <saker/binding.hpp>
#include <saker/saker.hpp>
#include <saker/signalr/error.hpp>
#include <saker/signalr/hub/clients.hpp>
#include <saker/signalr/hub/filter.hpp>
#include <saker/signalr/hub/hub.hpp>
#include <saker/signalr/hub/hub_context.hpp>
#include <saker/signalr/hub/hub_methods.hpp>
#include <saker/signalr/hub/hub_options.hpp>
#include <saker/signalr/hub/map_hub.hpp>
#include <saker/signalr/hub/stream_reader.hpp>
#include <saker/signalr/protocol/hub_message.hpp>
#include <saker/signalr/protocol/hub_protocol.hpp>
#include <saker/signalr/transports/connection_context.hpp>
#include <saker/signalr/transports/connection_options.hpp>
#include <saker/signalr/transports/map_connection.hpp>
#include <saker/signalr/transports/metrics.hpp>
