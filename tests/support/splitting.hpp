#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "support/conversation.hpp"

namespace saker::testing {

/// Sends the text in pieces that end at these places, the last one where the text does, and reads
/// all that is answered, to the end.
inline void hold_in_pieces(conversation& with, std::string_view text,
                           const std::vector<std::size_t>& cuts) {
  std::size_t begin = 0;
  for (const auto cut : cuts) {
    with.send(text.substr(begin, cut - begin));
    begin = cut;
  }
  with.send(text.substr(begin));
  with.read_all();
  with.end();
  with.read_all();
}

/// Every byte of what is short; of what is long 200 places that are spread over it.
inline std::vector<std::size_t> places_to_cut(std::size_t size) {
  std::vector<std::size_t> places;
  const auto step = size <= 4096 ? 1 : size / 200;
  for (std::size_t place = 1; place < size; place += step) places.push_back(place);
  return places;
}

/// What `play(text, cuts)` gives does not depend on the cuts: none, one at every place, one behind
/// every byte.
template <class Play>
void expect_same_however_split(std::string_view text, std::string_view name, const Play& play) {
  constexpr std::size_t most_single_bytes = 20'000;
  const auto whole = play(text, {});
  for (const auto cut : places_to_cut(text.size())) {
    ASSERT_EQ(play(text, {cut}), whole) << name << " cut at " << cut;
  }
  std::vector<std::size_t> every;
  for (std::size_t place = 1; place < std::min(text.size(), most_single_bytes); ++place) {
    every.push_back(place);
  }
  ASSERT_EQ(play(text, every), whole) << name << " byte by byte";
}

}  // namespace saker::testing
