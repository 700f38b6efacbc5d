pub enum Role { User }
