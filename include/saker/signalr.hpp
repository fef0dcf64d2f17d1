#pragma once

// SignalR: hubs for the standard clients. Link saker::signalr.

#include <saker/binding.hpp>
#include <saker/saker.hpp>
#include <saker/signalr/clients.hpp>
#include <saker/signalr/connection_context.hpp>
#include <saker/signalr/connection_options.hpp>
#include <saker/signalr/error.hpp>
#include <saker/signalr/filter.hpp>
#include <saker/signalr/hub.hpp>
#include <saker/signalr/hub_context.hpp>
#include <saker/signalr/hub_message.hpp>
#include <saker/signalr/hub_methods.hpp>
#include <saker/signalr/hub_options.hpp>
#include <saker/signalr/hub_protocol.hpp>
#include <saker/signalr/map_hub.hpp>
#include <saker/signalr/metrics.hpp>
#include <saker/signalr/stream_reader.hpp>
