#pragma once

// All headers that a server needs, except <saker/core/asio.hpp>, which includes Asio's headers.

#include <saker/core/async_generator.hpp>
#include <saker/core/completion_source.hpp>
#include <saker/core/event_loop.hpp>
#include <saker/core/sync_wait.hpp>
#include <saker/core/task.hpp>
#include <saker/http/claims_principal.hpp>
#include <saker/http/context.hpp>
#include <saker/http/controller.hpp>
#include <saker/http/cookies.hpp>
#include <saker/http/error.hpp>
#include <saker/http/exception_handler.hpp>
#include <saker/http/headers.hpp>
#include <saker/http/limits.hpp>
#include <saker/http/middleware.hpp>
#include <saker/http/problem_details.hpp>
#include <saker/http/routing.hpp>
#include <saker/http/static_files.hpp>
#include <saker/http/url.hpp>
#include <saker/server/web_application.hpp>
#include <saker/websocket/group.hpp>
#include <saker/websocket/manager.hpp>
#include <saker/websocket/metrics.hpp>
#include <saker/websocket/options.hpp>
#include <saker/websocket/prepared_message.hpp>
#include <saker/websocket/websocket.hpp>
