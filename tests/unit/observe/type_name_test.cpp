#include "observe/type_name.hpp"

#include <gtest/gtest.h>

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

namespace shop {
struct order {};
}  // namespace shop

namespace saker::observe {
namespace {

TEST(type_name, is_what_a_person_writes) {
  EXPECT_EQ(type_name(typeid(int)), "int");
  EXPECT_EQ(type_name(typeid(std::string)), "std::string");
  EXPECT_EQ(type_name(typeid(std::vector<std::vector<std::string>>)),
            "std::vector<std::vector<std::string>>");
  EXPECT_EQ(type_name(typeid(std::map<std::string, std::optional<std::string>>)),
            "std::map<std::string, std::optional<std::string>>");
  EXPECT_EQ(type_name(typeid(std::unordered_map<int, std::list<shop::order>>)),
            "std::unordered_map<int, std::list<shop::order>>");
  EXPECT_EQ(type_name(typeid(std::set<std::unique_ptr<shop::order>>)),
            "std::set<std::unique_ptr<shop::order>>");
  EXPECT_EQ(type_name(typeid(std::vector<nlohmann::json>)), "std::vector<saker::json>");
  EXPECT_EQ(dotted_type_name(typeid(shop::order)), "shop.order");
}

}  // namespace
}  // namespace saker::observe
