// Temporaries stand in the awaited expression itself, and are destroyed once. (g++ 12 fails at
// three others, which no awaited operation of Saker needs: an aggregate with a destructor that is
// made with braces, a lambda that owns what it captured, and a list of initialisers.)

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

#include <saker/async/async_generator.hpp>
#include <saker/async/completion_source.hpp>
#include <saker/async/sync_wait.hpp>
#include <saker/signalr/hub/delivery.hpp>
#include <saker/websocket/options.hpp>

namespace saker {
namespace {

// With braces: `accept({.sub_protocol = "chat"})`, `send(data, type, {.end_of_message = false})`.
static_assert(std::is_trivially_destructible_v<websocket_accept_options>);
static_assert(std::is_trivially_destructible_v<websocket_send_options>);

/// Counts the objects that live, and owns memory that a second destruction would free twice.
class counted {
 public:
  counted(std::string text) : text_(std::move(text)) { ++living; }
  counted(const counted& other) : text_(other.text_) { ++living; }
  counted(counted&& other) noexcept : text_(std::move(other.text_)) { ++living; }
  counted& operator=(const counted&) = delete;
  ~counted() { --living; }

  const std::string& text() const noexcept { return text_; }

  static inline int living = 0;

 private:
  std::string text_;
};

std::string long_text() { return "A text that is too long for the string itself: "; }

task<std::size_t> by_value(counted value) { co_return value.text().size(); }
task<std::size_t> by_reference(const counted& value) { co_return value.text().size(); }
task<std::size_t> string(std::string text) { co_return text.size(); }
task<std::size_t> view(std::string_view text) { co_return text.size(); }
task<std::size_t> function(std::function<std::string()> from) { co_return from().size(); }
task<std::size_t> options(const websocket_accept_options& given) {
  co_return given.sub_protocol.size();
}
task<counted> returned() { co_return counted(long_text()); }
task<void> wait(completion_source<> until) { co_await until; }
async_generator<counted> two() {
  co_yield counted(long_text());
  co_yield counted(long_text());
}

task<std::size_t> sum_of_arguments() {
  std::size_t sum = co_await by_value(counted(long_text()));
  sum += co_await by_value(long_text() + "a");
  sum += co_await by_reference(counted(long_text()));
  sum += co_await by_reference(long_text());
  sum += co_await string("a literal that is too long for the string itself, too");
  sum += co_await string(long_text() + "b");
  sum += co_await view(long_text() + "c");
  const auto kept = long_text();
  sum += co_await function([&kept] { return kept; });
  sum += co_await options({.sub_protocol = "chat", .dangerous_enable_compression = true});
  co_return sum;
}

task<std::size_t> sum_of_results() {
  std::size_t sum = co_await by_value(co_await returned());
  sum += co_await view((co_await returned()).text());
  sum += ((co_await returned()).text() + (co_await returned()).text()).size();
  if (const auto value = co_await returned(); !value.text().empty()) sum += value.text().size();
  auto values = two();
  while (auto value = co_await values.next()) sum += value->text().size();
  co_return sum;
}

task<int> rounds() {
  int count = 0;
  while (!(co_await returned()).text().empty() && count < 3) ++count;
  co_return count;
}

TEST(await_in_one_line, destroys_arguments_once) {
  EXPECT_EQ(sync_wait(sum_of_arguments()), 7 * long_text().size() + 3 + 53 + 4);
  EXPECT_EQ(counted::living, 0);
}

TEST(await_in_one_line, destroys_results_once) {
  EXPECT_EQ(sync_wait(sum_of_results()), 7 * long_text().size());
  EXPECT_EQ(counted::living, 0);
}

TEST(await_in_one_line, works_in_conditions_of_loops) {
  EXPECT_EQ(sync_wait(rounds()), 3);
  EXPECT_EQ(counted::living, 0);
}

TEST(await_in_one_line, awaits_sends_that_wait) {
  const auto work = [](completion_source<> finished) -> task<void> {
    finished.set_value();
    co_await signalr::delivery(wait(finished));
    co_await completion_source<>(finished);
  };
  sync_wait(work({}));
}

}  // namespace
}  // namespace saker
