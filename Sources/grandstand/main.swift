print("grandstand")
