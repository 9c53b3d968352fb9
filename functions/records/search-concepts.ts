/**
 * Concepts of WordNet that people search for. An image gets index rows for them besides those for
 * its labels, so that a search for `dog` reads one list instead of merging those of 118 breeds.
 * They were chosen by reading ImageNet's hierarchy: everyday words above two classes or more, so
 * that broader words, such as animal, are unions of few of them. None stands above another: such a
 * row would say nothing new.
 */
export const SEARCH_CONCEPTS: ReadonlySet<string> = new Set([
  // Animals
  'n02084071', // dog
  'n02114100', // wolf
  'n02118333', // fox
  'n02121620', // cat
  'n02127808', // big cat
  'n02131653', // bear
  'n02441326', // musteline mammal
  'n02484322', // monkey
  'n02470325', // ape
  'n02370806', // ungulate
  'n02329401', // rodent
  'n02324045', // rabbit
  'n02062017', // aquatic mammal
  'n02503517', // elephant
  'n01874434', // marsupial
  'n01503061', // bird
  'n01726692', // snake
  'n01674464', // lizard
  'n01662784', // turtle
  'n01639765', // frog
  'n01629276', // salamander
  'n02512053', // fish
  'n02159955', // insect
  'n01769347', // arachnid
  'n01974773', // crustacean
  'n01940736', // mollusk
  // Plants, fungi and food
  'n12992868', // fungus
  'n11669921', // flower
  'n13134947', // fruit
  'n00021265', // food
  'n07555863', // food
  // Vehicles
  'n02958343', // car
  'n04490091', // truck
  'n02924116', // bus
  'n02834778', // bicycle
  'n04194289', // ship
  'n02858304', // boat
  'n02686568', // aircraft
  // Things to wear and to carry
  'n03051540', // clothing
  'n03380867', // footwear
  'n02773037', // bag
  // At home
  'n03405725', // furniture
  'n03528263', // home appliance
  'n03621049', // kitchen utensil
  'n02876657', // bottle
  'n02883344', // box
  'n04447443', // toiletry
  'n03636248', // lamp
  // Tools and instruments
  'n04451818', // tool
  'n03800933', // musical instrument
  'n04437953', // timepiece
  'n04565375', // weapon
  'n03852280', // optical instrument
  // Electronics
  'n03082979', // computer
  'n03278248', // electronic equipment
  // Sport and play
  'n02778669', // ball
  'n04285146', // sports equipment
  'n03964744', // plaything
  // Buildings and places
  'n02913152', // building
  'n04202417', // shop
  'n02898711', // bridge
  'n09287968', // geological formation
  // People
  'n00007846', // person
]);
