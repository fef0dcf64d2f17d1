#include "async/work_report.hpp"

#include <gtest/gtest.h>

#include <string>

#include <saker/async/event_loop.hpp>

#include "async/loop_state.hpp"

namespace saker::async {
namespace {

constexpr work_kind request{"request", "requests", true};
constexpr work_kind rest{"rest", "rests", false};

void add_named(work_report& to, const std::string& name) {
  to.add(request, [&] { return name; });
}

TEST(work_report, counts_and_names) {
  work_report report;
  EXPECT_TRUE(report.empty());
  report.add(rest);
  EXPECT_FALSE(report.holds_stop());
  add_named(report, "GET /a");
  EXPECT_TRUE(report.holds_stop());
  EXPECT_EQ(report.text(), "1 rest, 1 request (GET /a)");
  add_named(report, "GET /b");
  add_named(report, "GET /a");
  EXPECT_EQ(report.text(), "1 rest, 3 requests (2 x GET /a, GET /b)");
}

TEST(work_report, adds_others) {
  work_report first;
  add_named(first, "GET /a");
  work_report second;
  add_named(second, "GET /a");
  second.add(rest);
  first.add(second);
  EXPECT_EQ(first.text(), "2 requests (2 x GET /a), 1 rest");
}

TEST(work_report, tells_so_many_names_and_no_long_one) {
  work_report report;
  for (int i = 0; i < 1000; ++i) add_named(report, "GET /" + std::to_string(i));
  EXPECT_NE(report.text().find("1000 requests (GET /0, "), std::string::npos);
  EXPECT_NE(report.text().find("GET /9, ...)"), std::string::npos);
  work_report other;
  add_named(other, std::string(100'000, 'x'));
  EXPECT_LT(other.text().size(), 200U);
}

TEST(work_report, only_counts_when_told_so) {
  work_report report;
  report.leave_out_names();
  add_named(report, "GET /a");
  EXPECT_EQ(report.text(), "1 request");
}

TEST(activity, keeps_its_loop_from_being_idle) {
  event_loop loop;
  EXPECT_TRUE(loop.state().is_idle());
  {
    const activity running(loop.state(), request, "call");
    EXPECT_FALSE(loop.state().is_idle());
    work_report report;
    loop.state().report_work(report);
    EXPECT_EQ(report.text(), "1 request (call)");
  }
  EXPECT_TRUE(loop.state().is_idle());
}

// A stop.

struct asked final : stoppable {
  explicit asked(int& count) : times(count) {}
  void on_stopping() override { ++times; }
  int& times;
};

TEST(loop_stop, asks_those_that_join_later_too) {
  event_loop loop;
  int before = 0;
  int after = 0;
  asked early(before);
  asked late(after);
  bool signalled_first = false;
  const std::stop_callback signal(loop.state().stopping(),
                                  [&] { signalled_first = before == 0 && loop.is_current(); });
  loop.state().stoppables().push_back(early);
  loop.post([&] { loop.state().request_stop(); });
  loop.post([&] {
    loop.state().stoppables().push_back(late);
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  EXPECT_TRUE(signalled_first);
  EXPECT_EQ(before, 1);
  EXPECT_EQ(after, 1);
}

TEST(loop_stop, lets_go_of_what_was_posted_and_never_ran) {
  event_loop loop;
  const auto owned = std::make_shared<int>();
  loop.post([owned] {});
  EXPECT_EQ(owned.use_count(), 2);
  loop.state().clear();
  EXPECT_EQ(owned.use_count(), 1);
}

}  // namespace
}  // namespace saker::async
