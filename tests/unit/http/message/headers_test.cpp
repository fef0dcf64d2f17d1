#include <saker/http/message/headers.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

namespace saker {
namespace {

using views = std::vector<std::string_view>;

TEST(headers, compares_names_ignoring_case) {
  EXPECT_TRUE(equals_ignoring_case("Content-TYPE", "content-type"));
  EXPECT_FALSE(equals_ignoring_case("content-type", "content-typ"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
  EXPECT_TRUE(equals_ignoring_case("", ""));
}

TEST(headers, gets_the_first_of_a_name) {
  headers fields;
  fields.add("Accept", "a");
  fields.add("accept", "b");
  EXPECT_EQ(fields.get("ACCEPT"), "a");
  EXPECT_EQ(fields.count("Accept"), 2u);
  EXPECT_EQ(fields.size(), 2u);
}

TEST(headers, tells_a_missing_field_from_an_empty_one) {
  headers fields;
  fields.add("Empty", "");
  EXPECT_EQ(fields.find("Empty"), "");
  EXPECT_EQ(fields.find("Missing"), std::nullopt);
  EXPECT_FALSE(fields.contains("Missing"));
}

TEST(headers, set_replaces_all_fields_of_the_name_in_place) {
  headers fields;
  fields.add("A", "1");
  fields.add("B", "2");
  fields.add("a", "3");
  fields.add("C", "4");
  fields.set("A", "a longer value than before");
  ASSERT_EQ(fields.size(), 3u);
  EXPECT_EQ(fields[0].value, "a longer value than before");
  EXPECT_EQ(fields[1].name, "B");
  EXPECT_EQ(fields[2].value, "4");
}

TEST(headers, set_takes_shorter_and_longer_values_in_turn) {
  headers fields;
  for (std::size_t size : {3u, 300u, 0u, 20u, 1000u, 1u}) {
    std::string value(size, 'x');
    fields.set("Name", value);
    EXPECT_EQ(fields.get("Name"), value);
    EXPECT_EQ(fields.size(), 1u);
  }
}

TEST(headers, set_many_times_does_not_grow_without_bound) {
  headers fields;
  fields.add("Other", "stays");
  for (std::size_t i = 0; i < 20'000; ++i) fields.set("X", std::string(i % 2 ? 5 : 50, 'x'));
  EXPECT_LT(fields.storage().size(), 2000u);
  EXPECT_EQ(fields.get("Other"), "stays");
}

TEST(headers, remove_and_add_many_times_does_not_grow_without_bound) {
  headers fields;
  for (int i = 0; i < 20'000; ++i) {
    fields.add("X", "some value");
    EXPECT_EQ(fields.remove("x"), 1u);
  }
  EXPECT_LT(fields.storage().size(), 2000u);
}

TEST(headers, takes_a_view_of_itself_as_value) {
  headers fields;
  fields.add("A", std::string(200, 'a'));
  for (int i = 0; i < 20; ++i) fields.add("B", fields.get("A"));
  for (const auto& field : fields) EXPECT_EQ(field.value, std::string(200, 'a'));
  fields.set("A", fields.get("A").substr(150));
  EXPECT_EQ(fields.get("A"), std::string(50, 'a'));
}

TEST(headers, remove_says_how_many_there_were) {
  headers fields;
  fields.add("A", "1");
  fields.add("B", "2");
  fields.add("a", "3");
  EXPECT_EQ(fields.remove("A"), 2u);
  EXPECT_EQ(fields.remove("A"), 0u);
  EXPECT_EQ(fields.size(), 1u);
  fields.clear();
  EXPECT_TRUE(fields.empty());
}

TEST(headers, list_splits_across_fields_and_trims) {
  headers fields;
  fields.add("Accept", " a ,, b\t,");
  fields.add("accept", "c;q=1");
  EXPECT_EQ(fields.list("Accept"), (views{"a", "b", "c;q=1"}));
  EXPECT_TRUE(fields.list("Missing").empty());
}

TEST(headers, list_keeps_commas_inside_quotes) {
  headers fields;
  fields.add("X", R"(a="1,2", "q\",r" , last)");
  EXPECT_EQ(fields.list("X"), (views{R"(a="1,2")", R"("q\",r")", "last"}));
}

TEST(headers, list_ends_with_an_open_quote) {
  headers fields;
  fields.add("X", "a, \"b, c");
  EXPECT_EQ(fields.list("X"), (views{"a", "\"b, c"}));
  fields.set("X", "\"\\");
  EXPECT_EQ(fields.list("X"), (views{"\"\\"}));
}

TEST(headers, list_contains_ignores_case_and_wants_the_whole_token) {
  headers fields;
  fields.add("Connection", "keep-alive, UPGRADE");
  EXPECT_TRUE(fields.list_contains("connection", "Upgrade"));
  EXPECT_FALSE(fields.list_contains("connection", "keep"));
}

TEST(headers, refuses_names_that_are_no_token) {
  headers fields;
  for (std::string_view name : {"", "a b", "a:", "a\r\n", "\xc3\xa4", "a/b", "\"a\""}) {
    EXPECT_THROW(fields.add(name, "v"), std::invalid_argument) << name;
    EXPECT_THROW(fields.set(name, "v"), std::invalid_argument) << name;
  }
  EXPECT_TRUE(fields.empty());
}

TEST(headers, refuses_values_that_could_split_a_message) {
  headers fields;
  for (auto value : {std::string_view("a\r\nX: 1"), std::string_view("a\nb"),
                     std::string_view("a\r"), std::string_view("a\0b", 3)}) {
    EXPECT_THROW(fields.add("A", value), std::invalid_argument);
    EXPECT_THROW(fields.set("A", value), std::invalid_argument);
  }
  EXPECT_TRUE(fields.empty());
}

TEST(headers, refers_to_another_part_of_the_message) {
  const std::string text = "http://there/ Host: a X: b";
  headers fields(text, {{14, 4, 20, 1}, {22, 1, 25, 1}});
  fields.refer("host", std::string_view(fields.storage()).substr(7, 5));
  fields.refer("missing", std::string_view(fields.storage()).substr(0, 1));
  EXPECT_EQ(fields.get("Host"), "there");
  EXPECT_EQ(fields.get("X"), "b");
  EXPECT_EQ(fields.size(), 2u);
}

TEST(headers, takes_over_a_parsed_message) {
  headers fields("GET / HTTP/1.1\r\nHost: x\r\n", {{16, 4, 22, 1}});
  EXPECT_EQ(fields.get("host"), "x");
  fields.add("Added", "y");
  EXPECT_EQ(fields.get("host"), "x");
  EXPECT_EQ(fields.get("added"), "y");
}

}  // namespace
}  // namespace saker
