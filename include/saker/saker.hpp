#pragma once

// All headers that a server needs, except <saker/async/asio.hpp>, which includes Asio's headers.

#include <saker/app/features.hpp>
#include <saker/app/web_application.hpp>
#include <saker/async/async_generator.hpp>
#include <saker/async/completion_source.hpp>
#include <saker/async/event_loop.hpp>
#include <saker/async/sync_wait.hpp>
#include <saker/async/task.hpp>
#include <saker/http/exchange/context.hpp>
#include <saker/http/exchange/limits.hpp>
#include <saker/http/exchange/problem_details.hpp>
#include <saker/http/features/static_files.hpp>
#include <saker/http/message/claims_principal.hpp>
#include <saker/http/message/cookies.hpp>
#include <saker/http/message/error.hpp>
#include <saker/http/message/headers.hpp>
#include <saker/http/message/url.hpp>
#include <saker/http/pipeline/controller.hpp>
#include <saker/http/pipeline/exception_handler.hpp>
#include <saker/http/pipeline/feature_host.hpp>
#include <saker/http/pipeline/hosted_service.hpp>
#include <saker/http/pipeline/middleware.hpp>
#include <saker/http/pipeline/query_token_routes.hpp>
#include <saker/http/pipeline/routing.hpp>
#include <saker/http/pipeline/service_collection.hpp>
#include <saker/websocket/group.hpp>
#include <saker/websocket/manager.hpp>
#include <saker/websocket/metrics.hpp>
#include <saker/websocket/options.hpp>
#include <saker/websocket/prepared_message.hpp>
#include <saker/websocket/websocket.hpp>
