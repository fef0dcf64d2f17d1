#include <saker/http/pipeline/middleware.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

#include "unit/http/exchange/memory_protocol.hpp"

namespace saker {
namespace {

using test::memory_protocol;
using test::serve;

task<void> answer_paths(http_context& context) {
  auto& request = context.request();
  auto text = std::string(request.path_base()) + "|" + std::string(request.path());
  auto sent = context.response().send(text);
  co_await sent;
}

task<void> tracing(std::string& trace, char name, next rest) {
  trace.push_back(name);
  auto work = rest();
  co_await work;
  trace.push_back(name);
}

middleware tracer(std::string& trace, char name) {
  return [&trace, name](http_context&, next rest) { return tracing(trace, name, rest); };
}

TEST(application_builder, empty_pipeline_answers_404_without_body) {
  memory_protocol exchange("GET", "/");
  serve(application_builder().build(), exchange);
  EXPECT_EQ(exchange.status(), 404);
  EXPECT_EQ(exchange.content(), "");
}

TEST(application_builder, end_leaves_a_started_response_alone) {
  application_builder app;
  app.use([](http_context& context, next rest) -> task<void> {
    auto sent = context.response().write("x");
    co_await sent;
    auto work = rest();
    co_await work;
  });
  memory_protocol exchange("GET", "/");
  EXPECT_NO_THROW(serve(app.build(), exchange));
  EXPECT_EQ(exchange.status(), 200);
}

TEST(application_builder, runs_components_in_order_and_back) {
  std::string trace;
  application_builder app;
  app.use(tracer(trace, 'a')).use(tracer(trace, 'b')).run(answer_paths);
  memory_protocol exchange("GET", "/");
  serve(app.build(), exchange);
  EXPECT_EQ(trace, "abba");
  EXPECT_EQ(exchange.content(), "|/");
}

TEST(application_builder, component_may_end_the_pipeline) {
  std::string trace;
  application_builder app;
  app.use([](http_context& context, next) { return context.response().send("early"); });
  app.use(tracer(trace, 'x'));
  memory_protocol exchange("GET", "/");
  serve(app.build(), exchange);
  EXPECT_EQ(exchange.content(), "early");
  EXPECT_EQ(trace, "");
}

TEST(application_builder, nothing_after_run_is_reached) {
  std::string trace;
  application_builder app;
  app.run(answer_paths).use(tracer(trace, 'x'));
  memory_protocol exchange("GET", "/");
  serve(app.build(), exchange);
  EXPECT_EQ(trace, "");
}

TEST(application_builder, unanswered_requests_go_to_the_given_end) {
  memory_protocol exchange("GET", "/x");
  serve(application_builder().build(answer_paths), exchange);
  EXPECT_EQ(exchange.content(), "|/x");
}

TEST(application_builder, built_pipeline_outlives_builder_and_copies) {
  std::string trace;
  request_delegate copy;
  {
    application_builder app;
    app.use(tracer(trace, 'a')).run(answer_paths);
    auto pipeline = app.build();
    app.use(tracer(trace, 'z'));
    copy = pipeline;
  }
  memory_protocol exchange("GET", "/");
  serve(copy, exchange);
  EXPECT_EQ(trace, "aa");
}

TEST(application_builder, exceptions_leave_through_every_component) {
  std::string trace;
  application_builder app;
  app.use(tracer(trace, 'a')).run([](http_context&) -> task<void> {
    throw std::runtime_error("no");
    co_return;
  });
  memory_protocol exchange("GET", "/");
  EXPECT_THROW(serve(app.build(), exchange), std::runtime_error);
  EXPECT_EQ(trace, "a");
}

struct map_case {
  std::string target;
  std::string expected;
};

class map_table : public testing::TestWithParam<map_case> {};

TEST_P(map_table, moves_whole_segments_to_the_base) {
  application_builder app;
  app.map("/Api/v1", [](application_builder& branch) { branch.run(answer_paths); });
  app.run([](http_context& context) { return context.response().send("rest"); });
  memory_protocol exchange("GET", GetParam().target);
  serve(app.build(), exchange);
  EXPECT_EQ(exchange.content(), GetParam().expected) << GetParam().target;
}

INSTANTIATE_TEST_SUITE_P(application_builder, map_table,
                         testing::Values(map_case{"/Api/v1/x", "/Api/v1|/x"},
                                         map_case{"/aPI/V1/x", "/aPI/V1|/x"},
                                         map_case{"/api/v1", "/api/v1|"},
                                         map_case{"/api/v1/", "/api/v1|/"},
                                         map_case{"/api/v12", "rest"}, map_case{"/api", "rest"},
                                         map_case{"/x/api/v1", "rest"}, map_case{"/", "rest"}));

TEST(application_builder, map_restores_the_path_after_the_branch) {
  application_builder app;
  std::string after;
  app.use([&after](http_context& context, next rest) -> task<void> {
    auto work = rest();
    co_await work;
    after = context.request().path();
  });
  app.map("/a", [](application_builder& branch) {
    branch.map("/b", [](application_builder& inner) { inner.run(answer_paths); });
  });
  memory_protocol exchange("GET", "/a/b/c");
  serve(app.build(), exchange);
  EXPECT_EQ(exchange.content(), "/a/b|/c");
  EXPECT_EQ(after, "/a/b/c");
}

TEST(application_builder, map_restores_the_path_after_an_exception) {
  application_builder app;
  app.map("/a", [](application_builder& branch) {
    branch.run([](http_context&) -> task<void> {
      throw std::runtime_error("no");
      co_return;
    });
  });
  memory_protocol exchange("GET", "/a/b");
  EXPECT_THROW(serve(app.build(), exchange), std::runtime_error);
  EXPECT_EQ(exchange.context().request().path(), "/a/b");
  EXPECT_EQ(exchange.context().request().path_base(), "");
}

TEST(application_builder, branch_ends_with_404) {
  application_builder app;
  app.map("/a", [](application_builder&) {}).run(answer_paths);
  memory_protocol exchange("GET", "/a");
  serve(app.build(), exchange);
  EXPECT_EQ(exchange.status(), 404);
}

/// What is called before the task is awaited has no coroutine around it.
TEST(application_builder, composition_adds_no_coroutine) {
  bool reached = false;
  application_builder app;
  app.use([](http_context&, next rest) { return rest(); });
  app.map("/other", [](application_builder&) {});
  app.map_when([](const http_context&) { return true; },
               [&](application_builder& branch) {
                 branch.run([&](http_context& context) {
                   reached = true;
                   return context.response().send("x");
                 });
               });
  memory_protocol exchange("GET", "/");
  auto work = app.build()(exchange.context());
  EXPECT_TRUE(reached);
}

TEST(application_builder, map_when_follows_the_predicate) {
  application_builder app;
  app.map_when([](const http_context& context) { return context.request().method() == "PUT"; },
               [](application_builder& branch) {
                 branch.run([](http_context& c) { return c.response().send("put"); });
               });
  app.run(answer_paths);
  auto pipeline = app.build();
  memory_protocol put("PUT", "/a"), get("GET", "/a");
  serve(pipeline, put);
  serve(pipeline, get);
  EXPECT_EQ(put.content(), "put");
  EXPECT_EQ(get.content(), "|/a");
}

TEST(application_builder, refuses_bad_prefixes) {
  application_builder app;
  for (std::string_view prefix : {"", "a", "/", "/a/", "a/b"}) {
    EXPECT_THROW(app.map(prefix, [](application_builder&) {}), std::invalid_argument) << prefix;
  }
}

TEST(application_builder, refuses_empty_functions) {
  application_builder app;
  EXPECT_THROW(app.use({}), std::invalid_argument);
  EXPECT_THROW(app.run({}), std::invalid_argument);
  EXPECT_THROW(app.map("/a", {}), std::invalid_argument);
  EXPECT_THROW(app.map_when({}, [](application_builder&) {}), std::invalid_argument);
  EXPECT_THROW(app.map_when([](const http_context&) { return true; }, {}), std::invalid_argument);
}

}  // namespace
}  // namespace saker
