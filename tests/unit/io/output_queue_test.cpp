#include "io/output_queue.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "async/intrusive_list.hpp"

namespace saker::io {
namespace {

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string contents(const output_queue& queue) {
  std::array<iovec, 64> vectors;
  std::string result;
  const auto used = queue.gather(vectors);
  for (std::size_t i = 0; i < used; ++i) {
    result.append(static_cast<const char*>(vectors[i].iov_base), vectors[i].iov_len);
  }
  return result;
}

TEST(output_queue, gives_back_what_was_appended) {
  chunk_pool pool;
  output_queue queue(pool);
  queue.append(bytes("hello "));
  queue.append(bytes("world"));
  EXPECT_EQ(queue.size(), 11U);
  EXPECT_EQ(contents(queue), "hello world");
}

TEST(output_queue, consumes_across_chunks) {
  chunk_pool pool;
  output_queue queue(pool);
  std::string all;
  for (int i = 0; i < 1000; ++i) {
    const auto piece = std::string(97, static_cast<char>('a' + i % 26));
    queue.append(bytes(piece));
    all += piece;
  }
  for (const std::size_t step : {1U, 40'000U, 16'384U, 3U}) {
    queue.consume(step);
    all.erase(0, step);
    EXPECT_EQ(queue.size(), all.size());
    EXPECT_EQ(contents(queue), all);
  }
  queue.consume(all.size());
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(contents(queue), "");
}

TEST(output_queue, takes_pieces_larger_than_a_chunk) {
  chunk_pool pool;
  output_queue queue(pool);
  const std::string large(100'000, 'x');
  queue.append(bytes("head"));
  queue.append(bytes(large));
  EXPECT_EQ(contents(queue), "head" + large);
}

struct item : async::list_node<item> {
  explicit item(int number) : value(number) {}
  int value;
};

TEST(intrusive_list, is_first_in_first_out_and_holds_each_once) {
  async::intrusive_list<item> list;
  item one(1);
  item two(2);
  list.push_back(one);
  list.push_back(two);
  list.push_back(one);
  EXPECT_EQ(list.pop_front().value, 1);
  EXPECT_EQ(list.pop_front().value, 2);
  EXPECT_TRUE(list.empty());
}

TEST(intrusive_list, loses_items_that_go) {
  async::intrusive_list<item> list;
  item stays(1);
  list.push_back(stays);
  {
    item goes(2);
    list.push_back(goes);
  }
  EXPECT_EQ(list.pop_front().value, 1);
  EXPECT_TRUE(list.empty());
}

}  // namespace
}  // namespace saker::io
