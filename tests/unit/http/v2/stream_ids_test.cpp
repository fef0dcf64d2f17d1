#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/v2/frame_scanner.hpp"
#include "http/v2/stream_ids.hpp"
#include "wire.hpp"

namespace saker::http::v2 {
namespace {

using verdict = stream_ids::verdict;

TEST(http2_stream_ids, tell_what_a_stream_was) {
  stream_ids ids(100);
  for (const std::uint32_t id : {1U, 3U, 9U, 11U}) ids.open(id);
  EXPECT_EQ(ids.highest(), 11U);
  EXPECT_EQ(ids.judge(1, 0), verdict::closed);
  EXPECT_EQ(ids.judge(5, 0), verdict::never_opened);
  EXPECT_EQ(ids.judge(7, 0), verdict::never_opened);
  EXPECT_EQ(ids.judge(9, 0), verdict::closed);
}

TEST(http2_stream_ids, know_that_the_first_need_not_be_1) {
  stream_ids ids(100);
  ids.open(5);
  EXPECT_EQ(ids.judge(1, 0), verdict::never_opened);
  EXPECT_EQ(ids.judge(3, 0), verdict::never_opened);
}

TEST(http2_stream_ids, let_a_client_learn_of_a_reset_for_a_while) {
  stream_ids ids(100);
  ids.open(1);
  ids.note_reset(1, 10);
  EXPECT_EQ(ids.judge(1, 70), verdict::ignored);
  EXPECT_EQ(ids.judge(1, 71), verdict::closed);
}

TEST(http2_stream_ids, hold_no_more_resets_than_a_client_can_have_missed) {
  stream_ids ids(100);
  for (std::uint32_t id = 1; id <= 401; id += 2) {
    ids.open(id);
    ids.note_reset(id, 1);
  }
  EXPECT_EQ(ids.judge(1, 1), verdict::closed);
  EXPECT_EQ(ids.judge(3, 1), verdict::ignored);
  EXPECT_EQ(ids.judge(401, 1), verdict::ignored);
}

TEST(http2_frame_scanner, finds_the_heads_however_they_are_cut) {
  const auto bytes = std::string(24, 'p') + testing::frame(0, 0, 1, "abc") +
                     testing::frame(4, 0, 0) + testing::frame(1, 5, 3, std::string(300, 'x'));
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    frame_scanner scanner;
    std::vector<std::pair<unsigned, std::uint32_t>> found;
    for (std::size_t from = 0; from < bytes.size(); from += piece) {
      const auto part =
          std::as_bytes(std::span(bytes)).subspan(from, std::min(piece, bytes.size() - from));
      frame_scanner::head head{};
      for (std::size_t at = 0; scanner.next(part, at, head);) {
        found.emplace_back(head.type, head.stream);
        // A head that lies in this piece as a whole can be looked at again.
        if (head.begin == 0) continue;
        EXPECT_EQ(at, head.begin + 9);
        scanner.go_back();
        frame_scanner::head again{};
        at = head.begin;
        ASSERT_TRUE(scanner.next(part, at, again));
        EXPECT_EQ(again.stream, head.stream);
      }
    }
    const std::vector<std::pair<unsigned, std::uint32_t>> wanted = {{0, 1}, {4, 0}, {1, 3}};
    EXPECT_EQ(found, wanted) << piece;
  }
}

}  // namespace
}  // namespace saker::http::v2
