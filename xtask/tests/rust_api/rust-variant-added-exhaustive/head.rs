pub enum Role { User, System }
