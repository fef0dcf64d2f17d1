#include "http/exchange/failure.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <saker/http/message/error.hpp>
#include <saker/http/pipeline/exception_handler.hpp>
#include <saker/http/pipeline/middleware.hpp>

#include "http/exchange/connection_options.hpp"
#include "unit/http/exchange/memory_protocol.hpp"

namespace saker {
namespace {

using test::memory_protocol;
using test::serve;

task<void> refuse(http_context&) {
  throw http_error(401, "Who are you?").with_header("X-Why", "unknown");
  co_return;
}

/// No coroutine: it throws where it is called.
task<void> refuse_at_once(http_context&) { throw http_error(401); }

task<void> fail(http_context&) {
  throw std::runtime_error("secret");
  co_return;
}

task<void> record(std::vector<int>& seen, http_context& context, next rest) {
  auto work = rest();
  co_await work;
  seen.push_back(context.response().status());
}

middleware recorder(std::vector<int>& seen) {
  return [&seen](http_context& context, next rest) { return record(seen, context, rest); };
}

task<void> pass(http_context&, next rest) { return rest(); }

class http_failure : public ::testing::Test {
 protected:
  void serve_pipeline() {
    const auto pipeline = app.build();
    serve(pipeline, exchange);
  }
  std::string content() { return http::error_content(exchange.context(), options); }
  std::string field(std::string_view name) const {
    return std::string(exchange.answer().get(name));
  }

  std::vector<int> seen;
  application_builder app;
  http::connection_options options;
  memory_protocol exchange{"GET", "/"};
};

TEST_F(http_failure, is_seen_as_a_status_by_middleware) {
  for (const auto& handler : {request_delegate(refuse), request_delegate(refuse_at_once)}) {
    memory_protocol each("GET", "/");
    application_builder pipeline;
    pipeline.use(recorder(seen)).use(pass).use(recorder(seen)).run(handler);
    serve(pipeline.build(), each);
    EXPECT_EQ(each.status(), 401);
  }
  EXPECT_EQ(seen, (std::vector{401, 401, 401, 401}));
}

TEST_F(http_failure, of_a_middleware_is_seen_by_those_around_it) {
  app.use(recorder(seen)).use([](http_context&, next) -> task<void> { throw http_error(403); });
  app.use(recorder(seen));
  serve_pipeline();
  EXPECT_EQ(seen, std::vector{403});
}

TEST_F(http_failure, in_a_branch_gives_the_path_back) {
  memory_protocol each("GET", "/admin/x");
  app.use(recorder(seen)).map("/admin", [](application_builder& branch) { branch.run(refuse); });
  serve(app.build(), each);
  EXPECT_EQ(seen, std::vector{401});
  EXPECT_EQ(each.context().request().path(), "/admin/x");
}

TEST_F(http_failure, keeps_what_middleware_has_said_about_every_answer) {
  app.use([](http_context& context, next rest) {
    context.response().headers().set("X-Request-Id", "7");
    context.response().on_starting(
        [](http_response& starting) { starting.headers().add("Vary", "Origin"); });
    return rest();
  });
  app.use(recorder(seen)).run([](http_context& context) -> task<void> {
    auto& response = context.response();
    response.set_status(201);
    response.set_content_type("image/png");
    response.append_trailer("X-Sum", "1");
    for (const auto* name : {"ETag", "Cache-Control", "Content-Length", "Content-Encoding",
                             "Last-Modified", "Location", "Upgrade", "Sec-WebSocket-Accept"}) {
      response.headers().set(name, "1");
    }
    response.headers().set("Connection", "Upgrade");
    throw http_error(409).with_header("Retry-After", "3");
    co_return;
  });
  serve_pipeline();
  EXPECT_EQ(exchange.status(), 409);
  EXPECT_EQ(field("X-Request-Id"), "7");
  EXPECT_EQ(field("Vary"), "Origin");
  EXPECT_EQ(field("Retry-After"), "3");
  EXPECT_EQ(exchange.answer().size(), 3U);
  EXPECT_EQ(exchange.context().response().trailers(), nullptr);
}

TEST_F(http_failure, may_be_answered_by_middleware_in_its_own_way) {
  app.use([](http_context& context, next rest) -> task<void> {
    auto work = rest();
    co_await work;
    auto sent =
        context.response().send("a page about " + std::to_string(context.response().status()));
    co_await sent;
  });
  app.run(refuse);
  serve_pipeline();
  EXPECT_EQ(exchange.status(), 401);
  EXPECT_EQ(exchange.content(), "a page about 401");
}

TEST_F(http_failure, passes_middleware_when_it_is_no_http_error) {
  std::string caught;
  app.use([&](http_context& context, next rest) -> task<void> {
    try {
      auto work = rest();
      co_await work;
    } catch (const std::runtime_error& error) {
      caught = error.what();
      context.response().set_status(409);
    }
  });
  app.use(recorder(seen)).run(fail);
  serve_pipeline();
  EXPECT_EQ(caught, "secret");
  EXPECT_EQ(exchange.status(), 409);
  EXPECT_TRUE(seen.empty());
  EXPECT_EQ(exchange.context().failure(), nullptr);
}

TEST_F(http_failure, passes_middleware_after_the_start) {
  app.use(recorder(seen)).run([](http_context& context) -> task<void> {
    auto sent = context.response().write("half");
    co_await sent;
    throw http_error(401);
  });
  EXPECT_THROW(serve_pipeline(), http_error);
  EXPECT_TRUE(seen.empty());
}

// use_exception_handler.

TEST_F(http_failure, becomes_a_status_at_the_exception_handler) {
  app.use(recorder(seen)).use(exception_handler_middleware()).run(fail);
  serve_pipeline();
  EXPECT_EQ(seen, std::vector{500});
  EXPECT_EQ(field("Cache-Control"), "no-cache, no-store");
  EXPECT_NE(exchange.context().failure(), nullptr);
}

TEST_F(http_failure, has_the_status_that_is_selected) {
  for (const int status : {409, 503, 200, 0}) {
    memory_protocol each("GET", "/");
    application_builder pipeline;
    pipeline.use(exception_handler_middleware(
        {.status_code_selector = [status](const std::exception_ptr&) { return status; }}));
    pipeline.run(fail);
    serve(pipeline.build(), each);
    EXPECT_EQ(each.status(), status >= 400 ? status : 500);
  }
}

task<void> explain(http_context& context, std::exception_ptr failure) {
  std::string text;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    text = error.what();
  }
  EXPECT_EQ(context.failure(), failure);
  auto sent = context.response().send("sorry: " + text);
  co_await sent;
}

TEST_F(http_failure, is_answered_by_the_exception_handler) {
  app.use(recorder(seen)).use(exception_handler_middleware({.handler = explain})).run(fail);
  serve_pipeline();
  EXPECT_EQ(exchange.status(), 500);
  EXPECT_EQ(exchange.content(), "sorry: secret");
  EXPECT_EQ(seen, std::vector{500});
}

TEST_F(http_failure, is_what_the_exception_handler_throws) {
  app.use(recorder(seen));
  app.use(exception_handler_middleware(
      {.handler = [](http_context&, std::exception_ptr) -> task<void> { throw http_error(503); }}));
  app.run(fail);
  serve_pipeline();
  EXPECT_EQ(seen, std::vector{503});
}

TEST_F(http_failure, goes_on_when_the_exception_handler_fails) {
  app.use(
      exception_handler_middleware({.handler = [](http_context&, std::exception_ptr) -> task<void> {
        throw std::logic_error("handler");
      }}));
  app.run(fail);
  EXPECT_THROW(serve_pipeline(), std::runtime_error);
}

TEST_F(http_failure, goes_on_when_nothing_can_be_answered_any_more) {
  app.use(exception_handler_middleware()).run([](http_context& context) -> task<void> {
    auto sent = context.response().write("half");
    co_await sent;
    throw std::runtime_error("late");
  });
  EXPECT_THROW(serve_pipeline(), std::runtime_error);

  memory_protocol lost("GET", "/");
  lost.fail_connection(std::make_error_code(std::errc::connection_reset));
  application_builder pipeline;
  pipeline.use(exception_handler_middleware()).run(fail);
  EXPECT_THROW(serve(pipeline.build(), lost), std::runtime_error);
}

// The log.

TEST_F(http_failure, is_logged_once_in_one_line_whatever_the_path_says) {
  memory_protocol each("GET", "/boom/%0A2026-11-25%20error%20FORGED%1B[31m");
  app.use(exception_handler_middleware()).run(fail);
  const auto pipeline = app.build();
  ::testing::internal::CaptureStdout();
  serve(pipeline, each);
  http::log_failure(each.context(), each.context().failure(), false);
  const auto written = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1) << written;
  EXPECT_NE(
      written.find(R"(The handler of GET /boom/\n2026-11-25 error FORGED\x1b[31m failed: secret)"),
      std::string::npos)
      << written;
}

// Content.

TEST_F(http_failure, has_its_message_as_detail) {
  app.use(pass).run(refuse);
  test::run(app.build()(exchange.context()));
  EXPECT_EQ(
      content(),
      R"({"type":"about:blank","title":"Unauthorized","status":401,"detail":"Who are you?"})");
  exchange.finish();
  EXPECT_EQ(field("Content-Type"), "application/problem+json");
  EXPECT_EQ(field("Vary"), "Accept");
}

TEST_F(http_failure, is_plain_text_for_those_who_take_no_json) {
  memory_protocol each("GET", "/", {{"Accept", "text/html"}});
  app.use(pass).run(refuse);
  test::run(app.build()(each.context()));
  EXPECT_EQ(http::error_content(each.context(), options), "401 Unauthorized\nWho are you?\n");
  each.finish();
  EXPECT_EQ(each.answer().get("Content-Type"), "text/plain; charset=utf-8");
}

TEST_F(http_failure, says_what_other_exceptions_say_only_when_asked_to) {
  http::answer_failure(exchange.context(), std::make_exception_ptr(std::runtime_error("secret")));
  EXPECT_EQ(content(), R"({"type":"about:blank","title":"Internal Server Error","status":500})");
  options.include_exception_details = true;
  exchange.context().response().discard_content();
  exchange.context().response().set_status(500);
  EXPECT_NE(content().find(R"("detail":"secret")"), std::string::npos);
}

TEST_F(http_failure, without_a_message_has_no_detail) {
  http::answer_failure(exchange.context(), std::make_exception_ptr(http_error(404)));
  EXPECT_EQ(content(), R"({"type":"about:blank","title":"Not Found","status":404})");
}

TEST_F(http_failure, keeps_its_message_from_another_status) {
  http::answer_failure(exchange.context(), std::make_exception_ptr(http_error(401, "no key")));
  exchange.context().response().set_status(404);
  EXPECT_EQ(content(), R"({"type":"about:blank","title":"Not Found","status":404})");
}

TEST_F(http_failure, can_be_described_further) {
  options.problem_details.customize = [](http_context& context, problem_details& problem) {
    problem.type = "/problems/" + std::to_string(context.response().status());
    problem.extensions.emplace_back("path", std::string(context.request().path()));
  };
  http::answer_failure(exchange.context(), std::make_exception_ptr(http_error(404)));
  EXPECT_EQ(content(), R"({"type":"/problems/404","title":"Not Found","status":404,"path":"/"})");
}

TEST_F(http_failure, survives_a_description_that_fails) {
  options.problem_details.customize = [](http_context&, problem_details& problem) {
    problem.title = "changed";
    throw std::runtime_error("no");
  };
  http::answer_failure(exchange.context(), std::make_exception_ptr(http_error(404)));
  EXPECT_EQ(content(), R"({"type":"about:blank","title":"Not Found","status":404})");
}

TEST_F(http_failure, leaves_a_status_alone_that_was_only_set) {
  exchange.context().response().set_status(404);
  EXPECT_EQ(content(), "");
  app.use(status_code_pages_middleware());
  test::run(app.build()(exchange.context()));
  EXPECT_NE(content().find("Not Found"), std::string::npos);
}

TEST_F(http_failure, leaves_content_alone_that_was_described) {
  app.use(status_code_pages_middleware());
  test::run(app.build()(exchange.context()));
  exchange.context().response().set_content_length(0);
  EXPECT_EQ(content(), "");
  exchange.context().response().headers().clear();
  exchange.context().response().set_status(200);
  EXPECT_EQ(content(), "");
}

}  // namespace
}  // namespace saker
