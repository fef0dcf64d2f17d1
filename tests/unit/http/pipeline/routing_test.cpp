#include <saker/http/pipeline/routing.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

#include "unit/http/exchange/memory_protocol.hpp"

namespace saker {
namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

/// A handler that says its name.
request_delegate named(std::string name) {
  return [name = std::move(name)](http_context& context) {
    context.response().headers().set("X-Handler", name);
    return task<void>();
  };
}

class routing : public testing::Test {
 protected:
  std::string answer(std::string method, std::string target, const test::field_list& fields = {}) {
    test::memory_protocol exchange(std::move(method), std::move(target), fields);
    test::run(table.dispatch(exchange.context()));
    exchange.finish();
    values = exchange.context().request().route_values();
    allow = exchange.answer().get("Allow");
    return exchange.status() == 200 ? std::string(exchange.answer().get("X-Handler"))
                                    : std::to_string(exchange.status());
  }

  route_table table;
  pairs values;
  std::string allow;
};

TEST_F(routing, empty_table_answers_404) {
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(answer("GET", "/"), "404");
}

TEST_F(routing, literals_match_ignoring_case) {
  table.add("/Chat/room", {"GET"}, named("chat"));
  EXPECT_FALSE(table.empty());
  EXPECT_EQ(answer("GET", "/cHAT/ROOM"), "chat");
  EXPECT_EQ(answer("GET", "/chat"), "404");
  EXPECT_EQ(answer("GET", "/chat/rooms"), "404");
  EXPECT_EQ(answer("GET", "/chat/room/1"), "404");
}

TEST_F(routing, slash_at_the_end_means_nothing) {
  table.add("/a", {}, named("a"));
  table.add("/b/", {}, named("b"));
  table.add("/", {}, named("root"));
  EXPECT_EQ(answer("GET", "/a/"), "a");
  EXPECT_EQ(answer("GET", "/b"), "b");
  EXPECT_EQ(answer("GET", "/"), "root");
  EXPECT_EQ(answer("GET", "/a//"), "404");
}

TEST_F(routing, root_matches_the_empty_path_of_a_branch) {
  table.add("/", {}, named("root"));
  EXPECT_NE(table.find("GET", "").handler, nullptr);
  EXPECT_EQ(table.find("OPTIONS", "*").handler, nullptr);
}

TEST_F(routing, parameters_take_one_segment) {
  table.add("/rooms/{room}/users/{user}", {"GET"}, named("user"));
  EXPECT_EQ(answer("GET", "/rooms/7/users/J%C3%B6rg%2Fx"), "user");
  EXPECT_EQ(values, (pairs{{"room", "7"}, {"user", "J\xc3\xb6rg%2Fx"}}));
  EXPECT_EQ(answer("GET", "/rooms//users/x"), "404");
  EXPECT_EQ(answer("GET", "/rooms/7/users/"), "404");
}

TEST_F(routing, catch_all_takes_the_rest) {
  table.add("/files/{*path}", {"GET"}, named("file"));
  EXPECT_EQ(answer("GET", "/files/a/b.txt"), "file");
  EXPECT_EQ(values, (pairs{{"path", "a/b.txt"}}));
  EXPECT_EQ(answer("GET", "/files/a/"), "file");
  EXPECT_EQ(values, (pairs{{"path", "a/"}}));
  EXPECT_EQ(answer("GET", "/files"), "file");
  EXPECT_EQ(values, (pairs{{"path", ""}}));
  EXPECT_EQ(answer("GET", "/filesystem"), "404");
}

TEST_F(routing, most_literal_match_wins) {
  table.add("/{*all}", {}, named("all"));
  table.add("/{a}/{b}", {}, named("two"));
  table.add("/x/{b}", {}, named("x"));
  table.add("/x/y", {}, named("xy"));
  table.add("/{a}/z", {}, named("z"));
  EXPECT_EQ(answer("GET", "/x/y"), "xy");
  EXPECT_EQ(answer("GET", "/x/z"), "x");
  EXPECT_EQ(answer("GET", "/q/z"), "z");
  EXPECT_EQ(answer("GET", "/q/q"), "two");
  EXPECT_EQ(answer("GET", "/q"), "all");
  EXPECT_EQ(answer("GET", "/"), "all");
}

TEST_F(routing, goes_back_when_the_more_literal_way_ends) {
  table.add("/a/b/c", {}, named("abc"));
  table.add("/{x}/b/{y}", {}, named("xby"));
  EXPECT_EQ(answer("GET", "/a/b/d"), "xby");
  EXPECT_EQ(values, (pairs{{"x", "a"}, {"y", "d"}}));
}

TEST_F(routing, each_pattern_keeps_its_own_parameter_names) {
  table.add("/r/{id}", {"GET"}, named("get"));
  table.add("/r/{name}", {"PUT"}, named("put"));
  EXPECT_EQ(answer("PUT", "/r/1"), "put");
  EXPECT_EQ(values, (pairs{{"name", "1"}}));
}

TEST_F(routing, other_method_is_answered_405_with_allow) {
  table.add("/a", {"GET", "POST"}, named("a"));
  table.add("/{x}", {"PUT", "POST"}, named("x"));
  EXPECT_EQ(answer("DELETE", "/a"), "405");
  EXPECT_EQ(allow, "GET, HEAD, POST, PUT");
  EXPECT_EQ(answer("get", "/a"), "405");
}

TEST_F(routing, less_literal_route_with_the_method_is_better_than_405) {
  table.add("/a", {"GET"}, named("a"));
  table.add("/{x}", {"PUT"}, named("x"));
  EXPECT_EQ(answer("PUT", "/a"), "x");
}

TEST_F(routing, connect_is_405_on_a_get_route_and_taken_by_any) {
  table.add("/get", {"GET"}, named("get"));
  table.add("/any", {}, named("any"));
  EXPECT_EQ(answer("CONNECT", "/get"), "405");
  EXPECT_EQ(allow, "GET, HEAD");
  EXPECT_EQ(answer("CONNECT", "/any"), "any");
}

TEST_F(routing, get_serves_head_unless_head_has_its_own) {
  table.add("/a", {"GET"}, named("get"));
  EXPECT_EQ(answer("HEAD", "/a"), "get");
  table.add("/a", {"HEAD"}, named("head"));
  EXPECT_EQ(answer("HEAD", "/a"), "head");
}

TEST_F(routing, named_method_wins_over_any) {
  table.add("/a", {}, named("any"));
  table.add("/a", {"GET"}, named("get"));
  EXPECT_EQ(answer("GET", "/a"), "get");
  EXPECT_EQ(answer("HEAD", "/a"), "get");
  EXPECT_EQ(answer("POST", "/a"), "any");
}

TEST_F(routing, dispatch_adds_no_coroutine) {
  bool reached = false;
  table.add("/a/{x}", {"GET"}, [&](http_context& context) {
    reached = context.request().route_value("x") == "1";
    return context.response().send("x");
  });
  test::memory_protocol exchange("GET", "/a/1");
  auto work = table.dispatch(exchange.context());
  EXPECT_TRUE(reached);
}

TEST_F(routing, refuses_malformed_patterns) {
  for (std::string_view pattern :
       {"",         "a",         "{a}",   "//",      "/a//b",  "/{}",      "/{*}",  "/{a",
        "/a}",      "/x{a}",     "/{a}x", "/{a}{b}", "/{a b}", "/{a:int}", "/{a?}", "/{*a}/b",
        "/{a}/{a}", "/{a}/{*a}", "/a?b",  "/a#b",    "/*",     "/{**a}",   "/{{a}}"}) {
    EXPECT_THROW(table.add(pattern, {}, named("x")), std::invalid_argument) << pattern;
  }
  EXPECT_TRUE(table.empty());
}

TEST_F(routing, refuses_duplicates_of_pattern_and_method) {
  table.add("/a/{x}", {"GET", "PUT"}, named("1"));
  EXPECT_THROW(table.add("/A/{y}/", {"POST", "PUT"}, named("2")), std::invalid_argument);
  EXPECT_NO_THROW(table.add("/a/{x}", {"POST"}, named("3")));
  EXPECT_NO_THROW(table.add("/a/{x}", {}, named("4")));
  EXPECT_THROW(table.add("/a/{x}", {}, named("5")), std::invalid_argument);
}

TEST_F(routing, refuses_bad_methods_and_empty_handlers) {
  EXPECT_THROW(table.add("/a", {"GE T"}, named("x")), std::invalid_argument);
  EXPECT_THROW(table.add("/a", {""}, named("x")), std::invalid_argument);
  EXPECT_THROW(table.add("/a", {"GET"}, {}), std::invalid_argument);
}

TEST_F(routing, many_patterns_with_parameters_match_in_bounded_time) {
  std::string pattern;
  for (int i = 0; i < 30; ++i) pattern.append("/{p").append(std::to_string(i)).append("}");
  table.add(pattern, {}, named("deep"));
  std::string target;
  for (int i = 0; i < 20'000; ++i) target.append("/a");
  EXPECT_EQ(answer("GET", target), "404");
}

TEST_F(routing, fallbacks_take_what_no_route_takes) {
  table.add_fallback("/{*path}", named("page"));
  EXPECT_FALSE(table.empty());
  table.add("/a", {"GET"}, named("a"));
  table.add("/only/posted", {"POST"}, named("posted"));
  table.add("/any", {}, named("any"));
  EXPECT_EQ(answer("GET", "/a"), "a");
  EXPECT_EQ(answer("HEAD", "/any"), "any");
  for (std::string target : {"/", "/b", "/a/b", "/b/", "/only/posted", "/x.y/z", "/etc..."}) {
    EXPECT_EQ(answer("GET", target), "page") << target;
    EXPECT_EQ(answer("HEAD", target), "page") << target;
  }
  EXPECT_EQ(answer("GET", "/b/c"), "page");
  EXPECT_EQ(values, (pairs{{"path", "b/c"}}));
}

TEST_F(routing, fallbacks_are_below_every_route) {
  table.add_fallback("/app/{*path}", named("page"));
  table.add_fallback("/app/help/{*path}", named("help"));
  table.add("/{*all}", {"GET"}, named("all"));
  EXPECT_EQ(answer("GET", "/app/help/x"), "all");
}

TEST_F(routing, the_most_literal_fallback_wins) {
  table.add_fallback("/app/{*path}", named("page"));
  table.add_fallback("/app/help/{*path}", named("help"));
  EXPECT_EQ(answer("GET", "/app"), "page");
  EXPECT_EQ(answer("GET", "/app/help/x"), "help");
  EXPECT_EQ(answer("GET", "/"), "404");
}

TEST_F(routing, fallbacks_change_no_other_answer) {
  table.add_fallback("/{*path}", named("page"));
  table.add("/a", {"PUT"}, named("a"));
  for (std::string method : {"POST", "DELETE", "OPTIONS", "CONNECT", "get"}) {
    EXPECT_EQ(answer(method, "/"), "404") << method;
    EXPECT_EQ(allow, "") << method;
    EXPECT_EQ(answer(method, "/a"), "405") << method;
    EXPECT_EQ(allow, "PUT") << method;
  }
  for (std::string target : {"/x.js", "/.env", "/a/b.c", "/..x", "/a%2ejs"}) {
    EXPECT_EQ(answer("GET", target), "404") << target;
  }
  EXPECT_EQ(answer("OPTIONS", "*"), "404");
  EXPECT_EQ(answer("GET", "/chat", {{"Upgrade", "WebSocket"}, {"Connection", "Upgrade"}}), "404");
  EXPECT_EQ(answer("GET", "/chat", {{"Upgrade", "h2c"}, {"Connection", "Upgrade"}}), "page");
}

TEST_F(routing, refuses_bad_fallbacks) {
  table.add_fallback("/{*path}", named("1"));
  EXPECT_THROW(table.add_fallback("/{*rest}", named("2")), std::invalid_argument);
  EXPECT_THROW(table.add_fallback("/{*path:nonfile}", named("3")), std::invalid_argument);
  EXPECT_THROW(table.add_fallback("/x", {}), std::invalid_argument);
}

}  // namespace
}  // namespace saker
